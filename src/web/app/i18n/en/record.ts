// SPDX-License-Identifier: MIT
// English: record.
export default {};
