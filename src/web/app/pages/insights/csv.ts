// SPDX-License-Identifier: MIT
// A table as CSV that a spreadsheet opens without harm: UTF-8 with its mark, no cell taken for a formula.

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `\ufeff${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
