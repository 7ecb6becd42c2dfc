/** Smooth movement between fixes that come once a second. Pure: time comes in. */
import type { LonLat } from '../api/types';

interface Leg {
  from: LonLat;
  to: LonLat;
  startMs: number;
  endMs: number;
}

/** Farther than this in one step is a new place, not a drive: it is jumped to. */
const JUMP_DEG = 0.003;

/**
 * Follows points by id. A new fix starts a leg from where the point is drawn now to the fix, as long as fixes are
 * apart; nothing is ever drawn ahead of its last known position.
 */
export class Motion {
  private readonly legs = new Map<number, Leg>();

  constructor(private readonly step_ms: number) {}

  moveTo(id: number, to: LonLat, nowMs: number): void {
    const leg = this.legs.get(id);
    if (leg && leg.to[0] === to[0] && leg.to[1] === to[1]) return;
    const from = leg ? this.at(id, nowMs) : null;
    const jump = !from || Math.hypot(from[0] - to[0], from[1] - to[1]) > JUMP_DEG;
    this.legs.set(id, jump ? { from: to, to, startMs: nowMs, endMs: nowMs } : { from, to, startMs: nowMs, endMs: nowMs + this.step_ms });
  }

  /** Where it is drawn at `nowMs`; null when it has never been seen. */
  at(id: number, nowMs: number): LonLat | null {
    const leg = this.legs.get(id);
    if (!leg) return null;
    if (nowMs >= leg.endMs) return leg.to;
    const share = Math.max(0, (nowMs - leg.startMs) / (leg.endMs - leg.startMs));
    return [leg.from[0] + (leg.to[0] - leg.from[0]) * share, leg.from[1] + (leg.to[1] - leg.from[1]) * share];
  }

  /** Whether anything is still on its way. */
  moving(nowMs: number): boolean {
    for (const leg of this.legs.values()) if (nowMs < leg.endMs) return true;
    return false;
  }

  forget(keep: (id: number) => boolean): void {
    for (const id of this.legs.keys()) if (!keep(id)) this.legs.delete(id);
  }
}
