/** Where one to nine pictures stand: all alike, or one large and the others beside it. Pure. */

export const MOST_PLAYERS = 9;

export interface Cell {
  /** CSS grid lines, from 1; `span` columns and rows. */
  column: number;
  row: number;
  span: number;
}

export interface Layout {
  columns: number;
  rows: number;
  cells: Cell[];
}

/** The number of columns with which `count` pictures of `aspect` become largest in the box. */
export function columnsFor(count: number, width: number, height: number, aspect = 16 / 9): number {
  let best = 1;
  let widest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const picture = Math.min(width / columns, (height / rows) * aspect);
    if (picture > widest * 1.001) {
      widest = picture;
      best = columns;
    }
  }
  return best;
}

/** `large` is the index of the enlarged picture, or null. The others then stand in a column right of it, or a row below. */
export function layout(count: number, width: number, height: number, large: number | null = null): Layout {
  if (large === null || count < 2 || large >= count) {
    const columns = columnsFor(Math.max(1, count), width, height);
    return {
      columns,
      rows: Math.max(1, Math.ceil(count / columns)),
      cells: Array.from({ length: count }, (_, i) => ({ column: (i % columns) + 1, row: Math.floor(i / columns) + 1, span: 1 })),
    };
  }
  // The large one covers `span` × `span` cells. Up to four others stand right of it; more go round its lower side too.
  const others = count - 1;
  const span = others <= 4 ? Math.max(3, others) : others === 5 ? 2 : others <= 7 ? 3 : 4;
  const size = span + 1;
  const free: Cell[] = [];
  const below = Math.max(0, others - size);
  for (let row = 1; row <= size; row++) free.push({ column: size, row, span: 1 });
  for (let column = size - below; column < size; column++) free.push({ column, row: size, span: 1 });
  const cells: Cell[] = [];
  let used = 0;
  for (let i = 0; i < count; i++) cells.push(i === large ? { column: 1, row: 1, span } : (free[used++] as Cell));
  return { columns: size, rows: used > span ? size : span, cells };
}
