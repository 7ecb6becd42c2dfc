/** How the wall is divided and what hangs where. Pure. */

/** How many pictures a wall shows. */
export const GRIDS = [1, 4, 6, 9, 16] as const;
export type Grid = (typeof GRIDS)[number];

/** One camera id per place, from the upper left, row by row; null: nothing hangs there. As long as the grid says. */
export type Slots = readonly (number | null)[];

/** A place on the wall: column and row from 1, and how many of both it takes. */
export interface Cell {
  column: number;
  row: number;
  span: 1 | 2;
}

/** Columns and rows of a grid; they are always equally many, so that every place has the picture's own proportions. */
export function sideOf(grid: Grid): number {
  return { 1: 1, 4: 2, 6: 3, 9: 3, 16: 4 }[grid];
}

/** The places of a grid in the order of their slots. Six is one picture of four cells with five round it. */
export function cellsOf(grid: Grid): Cell[] {
  if (grid === 6) {
    return [
      { column: 1, row: 1, span: 2 },
      ...[[3, 1], [3, 2], [1, 3], [2, 3], [3, 3]].map(([column = 1, row = 1]): Cell => ({ column, row, span: 1 })),
    ];
  }
  const side = sideOf(grid);
  return Array.from({ length: grid }, (_, i) => ({ column: (i % side) + 1, row: Math.floor(i / side) + 1, span: 1 }));
}

/** The smallest grid that has room for so many pictures; the largest where none has. */
export function gridFor(count: number): Grid {
  return GRIDS.find((grid) => grid >= count) ?? 16;
}

/** Fits slots to a grid: nothing is lost while there are empty places for it, the rest goes from the end. */
export function fit(slots: Slots, grid: Grid): Slots {
  if (slots.length <= grid) return [...slots, ...Array<null>(grid - slots.length).fill(null)];
  const kept = slots.slice(0, grid);
  const over = slots.slice(grid).filter((id) => id !== null);
  return kept.map((id) => id ?? over.shift() ?? null);
}

/** Hangs a camera at a place. One that hangs elsewhere already changes places with what was there. */
export function hang(slots: Slots, camera: number, at: number): Slots {
  const from = slots.indexOf(camera);
  return slots.map((id, i) => (i === at ? camera : i === from ? (slots[at] ?? null) : id));
}

/** Where the next camera goes by itself: the place in focus when it is empty, else the first empty one, else the focus. */
export function nextPlace(slots: Slots, focus: number): number {
  if (slots[focus] === null) return focus;
  const empty = slots.indexOf(null);
  return empty === -1 ? focus : empty;
}

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** The place one step from `focus`, or `focus` at the edge. */
export function step(grid: Grid, focus: number, direction: Direction): number {
  const cells = cellsOf(grid);
  const here = cells[focus];
  if (!here) return 0;
  const wanted = {
    ArrowLeft: [here.column - 1, here.row],
    ArrowRight: [here.column + here.span, here.row],
    ArrowUp: [here.column, here.row - 1],
    ArrowDown: [here.column, here.row + here.span],
  }[direction];
  const [column = 0, row = 0] = wanted;
  const found = cells.findIndex((cell) => column >= cell.column && column < cell.column + cell.span && row >= cell.row && row < cell.row + cell.span);
  return found === -1 ? focus : found;
}

/** Within this time a second digit belongs to the first: `1` `2` is place 12. */
export const DIGITS_MS = 900;

/**
 * The number typed so far after one more digit: the earlier number goes on while there is a place of that number.
 * Returns null when no place has it.
 */
export function typed(before: number | null, digit: number, places: number): number | null {
  const longer = (before ?? 0) * 10 + digit;
  if (longer >= 1 && longer <= places) return longer;
  return digit >= 1 && digit <= places ? digit : null;
}

/** All cameras cut into walls of one grid, in the given order. */
export function pages(cameras: readonly number[], grid: Grid): Slots[] {
  const cut: Slots[] = [];
  for (let i = 0; i < cameras.length; i += grid) cut.push(fit(cameras.slice(i, i + grid), grid));
  return cut;
}
