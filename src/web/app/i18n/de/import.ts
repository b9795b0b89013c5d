// SPDX-License-Identifier: MIT
// German: import.
import type en from '../en/import';

export default {} satisfies typeof en;
