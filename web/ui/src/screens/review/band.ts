/** A motion band as it is drawn: one outline of columns, and a base line where it was looked at. Pure. */
import type { MotionBand } from '../../api/types';
import { toX, type Window } from './axis';

const LEAST = 0.25;

export interface BandPaths {
  moved: string;
  watched: string;
}

/** SVG paths over `width` × `height` pixels. A column is at least a quarter as high as the band, so that a second shows. */
export function bandPaths(band: MotionBand, view: Window, width: number, height: number): BandPaths {
  const startMs = Date.parse(band.from_at);
  const moved: string[] = [];
  const watched: string[] = [];
  let since: number | null = null;
  const x = (step: number) => toX(view, startMs + step * band.step_s * 1000, width);
  band.level.forEach((level, i) => {
    if (level < 0) {
      if (since !== null) watched.push(`M${x(since).toFixed(1)} ${height}H${x(i).toFixed(1)}`);
      since = null;
      return;
    }
    since ??= i;
    const [from, to] = [x(i), x(i + 1)];
    if (level === 0 || to < 0 || from > width) return;
    const top = height * (1 - LEAST - (1 - LEAST) * Math.sqrt(level / 100));
    moved.push(`M${from.toFixed(1)} ${height}V${top.toFixed(1)}H${Math.max(to, from + 1).toFixed(1)}V${height}Z`);
  });
  if (since !== null) watched.push(`M${x(since).toFixed(1)} ${height}H${x(band.level.length).toFixed(1)}`);
  return { moved: moved.join(''), watched: watched.join('') };
}
