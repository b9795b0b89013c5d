// SPDX-License-Identifier: MIT
// English: records.
export default {};
