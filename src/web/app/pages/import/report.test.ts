// SPDX-License-Identifier: MIT
// What was wrong with a row is shown as the server said it.
import { describe, expect, it } from 'vitest';
import { csvRows, readReport } from './report';

describe('csvRows', () => {
  it('reads quotes, commas and line breaks inside of cells', () => {
    expect([...csvRows('a,"b, ""c""",\r\n"two\nlines",,x\n')]).toEqual([['a', 'b, "c"', ''], ['two\nlines', '', 'x']]);
  });

  it('reads a last row that no line break ends, and nothing out of nothing', () => {
    expect([...csvRows('a,b\nc')]).toEqual([['a', 'b'], ['c']]);
    expect([...csvRows('')]).toEqual([]);
  });

  it('stops where it is told to', () => {
    expect([...csvRows('a\nb\nc\n', 2)]).toEqual([['a'], ['b']]);
  });
});

describe('readReport', () => {
  it('gives each fault its row, line, field and sentence', () => {
    expect(readReport('row,line,field,message\n3,4,Year,"must be a year, 1857 to 2100"\n5,6,,\n', 10)).toEqual([
      { row: 3, line: 4, field: 'Year', message: 'must be a year, 1857 to 2100' },
      { row: 5, line: 6, field: '', message: '' },
    ]);
    expect(readReport('row,line,field,message\n1,1,a,b\n2,2,a,b\n', 1)).toHaveLength(1);
  });
});
