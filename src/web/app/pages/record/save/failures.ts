// SPDX-License-Identifier: MIT
// Changes that were shown as saved and then were not: kept until the editor that takes them up again.
const failures = new Map<string, unknown>();

export const noteFailure = (id: string, error: unknown): void => void failures.set(id, error);

/** What went wrong with the last change of this record; told once. */
export function takeFailure(id: string): unknown {
  const error = failures.get(id);
  failures.delete(id);
  return error;
}
