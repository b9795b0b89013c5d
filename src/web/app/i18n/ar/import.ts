// SPDX-License-Identifier: MIT
// Arabic: import.
import type en from '../en/import';

export default {} satisfies typeof en;
