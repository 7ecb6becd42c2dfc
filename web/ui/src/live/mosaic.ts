/**
 * Slow pictures of many cameras by few requests: whoever shows one says so, all that are wanted come together on a sheet
 * every two seconds, and each gets its own cell. Nothing is asked for while nobody looks.
 */
import { send } from '../api/client';
import { cellAt, sheets, type Sheet } from './sheet';

export const EVERY_S = 2;
const CELL_PX = 320;
/** Newcomers of one drawing are asked for together. */
const GATHER_MS = 60;

export interface Cell {
  bitmap: ImageBitmap;
  x: number;
  y: number;
  width: number;
  height: number;
  /** When it came, ms since 1970 here. */
  at: number;
}

type Take = (cell: Cell) => void;

class MosaicFeed {
  private readonly wanted = new Map<number, Set<Take>>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private fresh = false;

  /** `take` is called with each new picture of the camera until the returned function is called. */
  watch(camera: number, take: Take): () => void {
    const takers = this.wanted.get(camera) ?? new Set();
    takers.add(take);
    this.wanted.set(camera, takers);
    this.fresh = true;
    if (!this.running) this.later(GATHER_MS);
    return () => {
      takers.delete(take);
      if (takers.size === 0 && this.wanted.get(camera) === takers) this.wanted.delete(camera);
      if (this.wanted.size === 0) clearTimeout(this.timer);
    };
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.round(), ms);
  }

  private async round(): Promise<void> {
    if (this.wanted.size === 0) return;
    this.running = true;
    this.fresh = false;
    await Promise.all(sheets(this.wanted.keys(), CELL_PX).map((sheet) => this.load(sheet)));
    this.running = false;
    if (this.wanted.size > 0) this.later(this.fresh ? GATHER_MS : EVERY_S * 1000);
  }

  private async load(sheet: Sheet): Promise<void> {
    try {
      const answer = await send('/cameras/mosaic.jpg', {
        query: { ids: sheet.ids.join(), columns: sheet.columns, width: sheet.width_px },
        headers: { accept: 'image/jpeg' },
      });
      const bitmap = await createImageBitmap(await answer.blob());
      const at = Date.now();
      sheet.ids.forEach((id, i) => this.wanted.get(id)?.forEach((take) => take({ bitmap, ...cellAt(sheet, i), at })));
      bitmap.close(); // whoever wanted it has drawn it
    } catch {
      // What is shown says its age; the next round tries again.
    }
  }
}

export const mosaic = new MosaicFeed();
