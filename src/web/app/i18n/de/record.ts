// SPDX-License-Identifier: MIT
// German: record.
import type en from '../en/record';

export default {} satisfies typeof en;
