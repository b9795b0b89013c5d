// SPDX-License-Identifier: MIT
// English: import.
export default {};
