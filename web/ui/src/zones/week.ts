/** A week's schedule as quarters of an hour, and as spans of minutes. Monday 00:00 is minute 0. Pure. */

export type Span = [number, number];

export const DAY_MIN = 1440;
export const WEEK_MIN = 7 * DAY_MIN;
export const CELL_MIN = 15;
export const CELLS = WEEK_MIN / CELL_MIN;
export const CELLS_A_DAY = DAY_MIN / CELL_MIN;

/** Which quarters are watched; an empty schedule is always. A quarter that is watched in part counts as watched. */
export function cellsOf(schedule: readonly Span[]): boolean[] {
  const cells = new Array<boolean>(CELLS).fill(schedule.length === 0);
  for (const [from, to] of schedule) {
    for (let minute = Math.floor(from / CELL_MIN) * CELL_MIN; minute < Math.min(to, from + WEEK_MIN); minute += CELL_MIN) cells[(minute / CELL_MIN) % CELLS] = true;
  }
  return cells;
}

/** The spans of what is watched, none for always. A span over Sunday's end goes on beyond the week. */
export function spansOf(cells: readonly boolean[]): Span[] {
  if (cells.every(Boolean)) return [];
  const spans: Span[] = [];
  cells.forEach((on, i) => {
    if (!on) return;
    const last = spans.at(-1);
    if (last && last[1] === i * CELL_MIN) last[1] += CELL_MIN;
    else spans.push([i * CELL_MIN, (i + 1) * CELL_MIN]);
  });
  const [first] = spans;
  const last = spans.at(-1);
  if (first && last && spans.length > 1 && first[0] === 0 && last[1] === WEEK_MIN) {
    spans.shift();
    last[1] += first[1];
  }
  return spans;
}

/** A box of cells set or cleared: days and quarters from one corner to the other, both included. */
export function painted(cells: readonly boolean[], a: { day: number; cell: number }, b: { day: number; cell: number }, on: boolean): boolean[] {
  const days: Span = [Math.min(a.day, b.day), Math.max(a.day, b.day)];
  const quarters: Span = [Math.min(a.cell, b.cell), Math.max(a.cell, b.cell)];
  return cells.map((before, i) => {
    const day = Math.floor(i / CELLS_A_DAY);
    const cell = i % CELLS_A_DAY;
    return day >= days[0] && day <= days[1] && cell >= quarters[0] && cell <= quarters[1] ? on : before;
  });
}

const everyDay = (from: number, to: number): Span[] => Array.from({ length: 7 }, (_, day): Span => [day * DAY_MIN + from, day * DAY_MIN + to]);

export const PRESETS: Record<'always' | 'nights' | 'working' | 'off_hours', Span[]> = {
  always: [],
  nights: everyDay(22 * 60, 30 * 60),
  working: everyDay(8 * 60, 18 * 60).slice(0, 5),
  off_hours: [[18 * 60, 32 * 60], [DAY_MIN + 18 * 60, DAY_MIN + 32 * 60], [2 * DAY_MIN + 18 * 60, 2 * DAY_MIN + 32 * 60], [3 * DAY_MIN + 18 * 60, 3 * DAY_MIN + 32 * 60], [4 * DAY_MIN + 18 * 60, WEEK_MIN + 8 * 60]],
};

/** The preset that a schedule is, null for one of its own. */
export function presetOf(schedule: readonly Span[]): keyof typeof PRESETS | null {
  const cells = cellsOf(schedule).join();
  for (const [name, spans] of Object.entries(PRESETS)) if (cellsOf(spans).join() === cells) return name as keyof typeof PRESETS;
  return null;
}

/** `08:30` of a minute of the day or the week. */
export const clockOf = (minute: number): string => {
  const of_day = ((minute % DAY_MIN) + DAY_MIN) % DAY_MIN;
  return `${String(Math.floor(of_day / 60)).padStart(2, '0')}:${String(of_day % 60).padStart(2, '0')}`;
};

/** Each day's stretches within the day, in minutes of it; the end may be 1440. */
export function stretchesOf(cells: readonly boolean[], day: number): Span[] {
  const spans: Span[] = [];
  for (let cell = 0; cell < CELLS_A_DAY; cell += 1) {
    if (!cells[day * CELLS_A_DAY + cell]) continue;
    const last = spans.at(-1);
    if (last && last[1] === cell * CELL_MIN) last[1] += CELL_MIN;
    else spans.push([cell * CELL_MIN, (cell + 1) * CELL_MIN]);
  }
  return spans;
}
