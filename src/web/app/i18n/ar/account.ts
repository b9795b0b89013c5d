// SPDX-License-Identifier: MIT
// Arabic: account.
import type en from '../en/account';

export default {} satisfies typeof en;
