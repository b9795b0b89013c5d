// SPDX-License-Identifier: MIT
// German: records.
import type en from '../en/records';

export default {} satisfies typeof en;
