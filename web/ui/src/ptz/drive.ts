/**
 * Turns wishes into commands: while something is held the move is repeated before the camera would stop by itself; as
 * soon as nothing is held, one stop. One command is under way at a time, the newest wish wins, and a stop is never lost.
 */
import { REST, rests, same, type Vector } from './vector';

/** The camera stops by itself after this, should no further command come through. */
export const TIMEOUT_S = 2;
/** While a move is held it is sent again this often. */
export const AGAIN_MS = 900;
/** Changes of a wish are sent no more often than this. */
export const CHANGE_MS = 120;

export interface Wires {
  move: (vector: Vector) => Promise<void>;
  stop: () => Promise<void>;
  failed: (error: unknown) => void;
}

export class Drive {
  private wish: Vector = REST;
  private told: Vector = REST;
  private toldAt = -Infinity;
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(private readonly wires: Wires) {}

  /** What is wanted from now on. */
  want(vector: Vector): void {
    if (this.closed || same(vector, this.wish)) return;
    this.wish = vector;
    this.next();
  }

  /** Nothing more; what moves is stopped. */
  close(): void {
    this.want(REST);
    this.closed = true;
  }

  private next(): void {
    if (this.busy) return;
    clearTimeout(this.timer);
    const now = Date.now();
    if (rests(this.wish)) {
      if (!rests(this.told)) void this.send(this.wires.stop, REST);
      return;
    }
    const due = this.toldAt + (same(this.wish, this.told) ? AGAIN_MS : CHANGE_MS);
    if (rests(this.told) || now >= due) void this.send(() => this.wires.move(this.wish), this.wish);
    else this.timer = setTimeout(() => this.next(), due - now);
  }

  private async send(command: () => Promise<void>, vector: Vector): Promise<void> {
    this.busy = true;
    this.told = vector;
    this.toldAt = Date.now();
    try {
      await command();
    } catch (error) {
      // It stops by its own timeout; what is still held must be let go and pressed again.
      this.wish = REST;
      this.told = REST;
      this.wires.failed(error);
    }
    this.busy = false;
    this.next();
  }
}
