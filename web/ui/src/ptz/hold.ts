/** Who has the camera, in words and in what may be done. Pure. */
import type { Ptz } from '../api/types';

export type Hold =
  /** Nobody: moving it takes it. */
  | { kind: 'free' }
  | { kind: 'mine'; until: string }
  /** Somebody I may take it from. */
  | { kind: 'weaker'; holder: string; until: string }
  /** Somebody I have to wait for. */
  | { kind: 'stronger'; holder: string; until: string };

export function holdOf(ptz: Pick<Ptz, 'holder' | 'priority' | 'until' | 'mine' | 'my_priority'>, nowMs: number): Hold {
  if (ptz.holder === null || ptz.until === null || Date.parse(ptz.until) <= nowMs) return { kind: 'free' };
  if (ptz.mine) return { kind: 'mine', until: ptz.until };
  return { kind: (ptz.priority ?? 0) < ptz.my_priority ? 'weaker' : 'stronger', holder: ptz.holder, until: ptz.until };
}

/** Whether moving it now disturbs nobody. */
export function mayMove(hold: Hold): boolean {
  return hold.kind === 'free' || hold.kind === 'mine';
}
