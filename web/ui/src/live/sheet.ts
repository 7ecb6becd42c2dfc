/** How the server lays a mosaic out, the same as `Layout` in `ingest/live/mosaic.py`. Pure. */

const GAP_PX = 2;

export interface Sheet {
  ids: readonly number[];
  columns: number;
  width_px: number;
}

/** Cuts cameras into sheets of at most `most`, near square, with cells of `cell_px`; the order is by id, so that many viewers ask for the same. */
export function sheets(ids: Iterable<number>, cell_px: number, most = 64): Sheet[] {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const out: Sheet[] = [];
  for (let i = 0; i < sorted.length; i += most) {
    const part = sorted.slice(i, i + most);
    const columns = Math.ceil(Math.sqrt(part.length));
    out.push({ ids: part, columns, width_px: columns * cell_px + GAP_PX * (columns - 1) });
  }
  return out;
}

/** Where the picture of the camera at `index` stands on the sheet, pixels. */
export function cellAt(sheet: Sheet, index: number): { x: number; y: number; width: number; height: number } {
  const even = (value: number) => Math.floor(value / 2) * 2;
  const width = even(Math.floor((sheet.width_px - GAP_PX * (sheet.columns - 1)) / sheet.columns));
  const height = Math.max(2, even(Math.floor((width * 9) / 16)));
  return { x: (index % sheet.columns) * (width + GAP_PX), y: Math.floor(index / sheet.columns) * (height + GAP_PX), width, height };
}
