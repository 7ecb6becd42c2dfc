/**
 * Which pictures of a wall may play, and in which size, so that a modest machine stays smooth. Pure.
 *
 * What a picture costs is counted in megapixels decoded each second: 1080p at 25 pictures is 52, 640×360 at 10 is 2.3.
 */

export type Play = 'main' | 'sub' | 'still';

export interface Picture {
  /** Megapixels a second of the main stream and, where the camera has one, of the sub stream. */
  main_mpx_s: number;
  sub_mpx_s: number | null;
  /** The width the sub stream brings; a tile much wider than it wants the main one. */
  sub_width_px: number;
  /** Where it stands on the screen, in the screen's own pixels. */
  width_px: number;
  visible: boolean;
  /** Watched closely: it plays before the others and always in full. */
  chosen: boolean;
}

/** What a stream costs whose size or rate is not known yet. */
export const UNKNOWN_MPX_S = 20;
/** A sub stream may be stretched this far before it shows. */
const STRETCH = 1.6;

export function cost(width_px: number | null | undefined, height_px: number | null | undefined, fps: number | null | undefined): number {
  if (!width_px || !height_px) return UNKNOWN_MPX_S;
  return (width_px * height_px * (fps || 25)) / 1e6;
}

/**
 * What each picture does, in their order. The chosen one plays whatever it costs; the others take what is left of
 * `budget_mpx_s`, small streams first where the tile is small; what no longer fits or is out of sight stands still.
 */
export function plan(pictures: readonly Picture[], budget_mpx_s: number): Play[] {
  let left = budget_mpx_s;
  const take = (mpx_s: number) => {
    left -= mpx_s;
  };
  const order = pictures.map((_, i) => i).sort((a, b) => Number(pictures[b]?.chosen) - Number(pictures[a]?.chosen) || a - b);
  const out: Play[] = pictures.map(() => 'still');
  for (const i of order) {
    const picture = pictures[i];
    if (!picture?.visible) continue;
    const sub = picture.sub_mpx_s;
    if (picture.chosen) {
      out[i] = 'main';
      take(picture.main_mpx_s);
    } else if (sub !== null && (picture.width_px <= picture.sub_width_px * STRETCH || picture.main_mpx_s > left)) {
      if (sub > left) continue;
      out[i] = 'sub';
      take(sub);
    } else if (picture.main_mpx_s <= left) {
      out[i] = 'main';
      take(picture.main_mpx_s);
    }
  }
  return out;
}

export interface Governor {
  budget_mpx_s: number;
  /** Looks in a row that were good. */
  calm: number;
  /** So many good looks the budget waits for before it grows; longer each time that it had to give way. */
  patience: number;
}

export interface Look {
  /** Pictures decoded and pictures thrown away unseen since the look before, over all tiles. */
  decoded: number;
  dropped: number;
  /** The longest that the page did not answer since the look before, milliseconds. */
  stuck_ms: number;
}

export const LEAST_MPX_S = 25;
export const MOST_MPX_S = 1600;
/** Pictures often come in pairs over a network, and the first of a pair is dropped; only more than that is a sign. */
const DROPPED_SHARE = 0.25;
const STUCK_MS = 400;
const PATIENCE = 10;
const MOST_PATIENCE = 160;

/** Where a machine begins: about one 1080p stream at 25 pictures a second for each of its processors, at least four. */
export function firstBudget(processors: number): Governor {
  return { budget_mpx_s: Math.min(MOST_MPX_S, Math.max(4, processors) * 52), calm: 0, patience: PATIENCE };
}

/**
 * The budget after one look at how it went: down by a quarter at once, up by an eighth after a calm time. Where growing
 * did not go well before, it is tried again ever more rarely, so that no picture keeps going and coming back.
 */
export function govern(governor: Governor, look: Look): Governor {
  const total = look.decoded + look.dropped;
  if (look.stuck_ms > STUCK_MS || (total > 20 && look.dropped > total * DROPPED_SHARE)) {
    return { budget_mpx_s: Math.max(LEAST_MPX_S, governor.budget_mpx_s * 0.75), calm: 0, patience: Math.min(MOST_PATIENCE, governor.patience * 2) };
  }
  if (governor.calm + 1 < governor.patience) return { ...governor, calm: governor.calm + 1 };
  return { ...governor, budget_mpx_s: Math.min(MOST_MPX_S, governor.budget_mpx_s * 1.125), calm: 0 };
}
