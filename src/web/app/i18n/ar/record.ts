// SPDX-License-Identifier: MIT
// Arabic: record.
import type en from '../en/record';

export default {} satisfies typeof en;
