// SPDX-License-Identifier: MIT
// Arabic: insights.
import type en from '../en/insights';

export default {} satisfies typeof en;
