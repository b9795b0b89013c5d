// SPDX-License-Identifier: MIT
// All texts of a language, an area a file.
import account from './account';
import importing from './import';
import insights from './insights';
import record from './record';
import records from './records';
import shell from './shell';

export default { account, importing, insights, record, records, shell };
