// SPDX-License-Identifier: MIT
// German: insights.
import type en from '../en/insights';

export default {} satisfies typeof en;
