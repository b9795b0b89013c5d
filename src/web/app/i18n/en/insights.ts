// SPDX-License-Identifier: MIT
// English: insights.
export default {};
