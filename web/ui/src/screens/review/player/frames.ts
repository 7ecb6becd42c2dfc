/** When each frame of the loaded pieces is shown, for steps of exactly one frame. Pure. */

export class FrameTable {
  private readonly byPiece = new Map<string, readonly number[]>();
  private sorted: number[] | null = null;

  /** `shownMs` ascending, ms since 1970. */
  put(key: string, shownMs: readonly number[]): void {
    this.byPiece.set(key, shownMs);
    this.sorted = null;
  }

  clear(): void {
    this.byPiece.clear();
    this.sorted = null;
  }

  /** Forgets what lies wholly outside. */
  keep(fromMs: number, toMs: number): void {
    for (const [key, shown] of this.byPiece) {
      if ((shown[shown.length - 1] ?? 0) >= fromMs && (shown[0] ?? 0) <= toMs) continue;
      this.byPiece.delete(key);
      this.sorted = null;
    }
  }

  /** The frame on the screen at `atMs`: the last one shown at or before it; null where none is known. */
  at(atMs: number): number | null {
    return this.all()[this.index(atMs)] ?? null;
  }

  next(atMs: number): number | null {
    return this.all()[this.index(atMs) + 1] ?? null;
  }

  /** The frame before the one on the screen. */
  previous(atMs: number): number | null {
    return this.all()[this.index(atMs) - 1] ?? null;
  }

  private index(atMs: number): number {
    const all = this.all();
    let low = 0;
    let high = all.length;
    // A frame is named by its first millisecond; rounding on the way through the media clock may lose half of one.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] as number) <= atMs + 0.5) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private all(): readonly number[] {
    this.sorted ??= [...this.byPiece.values()].flat().sort((a, b) => a - b);
    return this.sorted;
  }
}
