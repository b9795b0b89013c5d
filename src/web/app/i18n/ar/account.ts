// SPDX-License-Identifier: MIT
// Arabic: account.
import en from '../en/account';

export default en satisfies typeof en;
