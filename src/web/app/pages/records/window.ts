// SPDX-License-Identifier: MIT
// Which rows of a list of fixed rows are in view, and where they lie.

export interface Shape {
  /** Items in a row: 1 in a table. */
  readonly columns: number;
  readonly rowHeight: number;
}

export interface Window {
  /** Items to draw: first to last, both included; last < first when there are none. */
  readonly first: number;
  readonly last: number;
  /** Where the first drawn row begins, and how high the whole list is. */
  readonly top: number;
  readonly height: number;
}

/** As many columns as fit, each at least `least` wide; covers are square, with lines of text below. */
export function gridShape(width: number, least: number, gap: number, text: number): Shape {
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  const tile = (width - gap * (columns - 1)) / columns;
  return { columns, rowHeight: Math.round(tile) + text + gap };
}

export function rowsOf(shape: Shape, count: number): number {
  return Math.ceil(count / shape.columns);
}

/** `offset`: how far the list's beginning lies above the top of what is seen. `over`: rows more at either end. */
export function windowOf(shape: Shape, count: number, offset: number, seen: number, over: number): Window {
  const rows = rowsOf(shape, count);
  const from = Math.max(0, Math.min(rows, Math.floor(offset / shape.rowHeight)) - over);
  const to = Math.min(rows, Math.max(0, Math.ceil((offset + seen) / shape.rowHeight)) + over);
  return {
    first: from * shape.columns,
    last: Math.min(count, to * shape.columns) - 1,
    top: from * shape.rowHeight,
    height: rows * shape.rowHeight,
  };
}

/** How far to scroll so that an item can be seen whole; `offset` itself when it already is. `inset`: what covers the top. */
export function offsetFor(shape: Shape, at: number, offset: number, seen: number, inset: number): number {
  const top = Math.floor(at / shape.columns) * shape.rowHeight;
  if (top < offset + inset) return top - inset;
  const bottom = top + shape.rowHeight;
  return bottom > offset + seen ? bottom - seen : offset;
}
