// SPDX-License-Identifier: MIT
// What to tell a person about something that failed: the server's own sentence where it gave one.
import { Problem, Unreachable } from '../api/problem';
import type { Messages } from '../i18n';

export function faultText(fault: unknown, { shell }: Messages): string {
  if (fault instanceof Problem) return fault.fields[0] ? `${fault.message}: ${fault.fields[0].message}` : fault.message;
  return fault instanceof Unreachable ? shell.unreachable : shell.failed;
}
