// SPDX-License-Identifier: MIT
// English: account.
export default {};
