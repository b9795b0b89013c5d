// SPDX-License-Identifier: MIT
// Arabic: records.
import type en from '../en/records';

export default {} satisfies typeof en;
