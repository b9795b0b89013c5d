// SPDX-License-Identifier: MIT
// German: account.
import en from '../en/account';

export default en satisfies typeof en;
