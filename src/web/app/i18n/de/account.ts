// SPDX-License-Identifier: MIT
// German: account.
import type en from '../en/account';

export default {} satisfies typeof en;
