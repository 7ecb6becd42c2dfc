import type { TrackLink } from '../api/analytics_models';

export interface Sides {
  before: TrackLink[];
  after: TrackLink[];
  rejected: number;
}

/** The one after the current one, in the order shown; the first where none is, or after the last. */
export function following(shown: readonly TrackLink[], current: number | null): TrackLink | null {
  const at = shown.findIndex((link) => link.id === current);
  return shown[at + 1] ?? shown[0] ?? null;
}

/** The moment of the other camera to look at: where it left for this one, or came from it. */
export function momentOf(link: Pick<TrackLink, 'before' | 'start_at' | 'end_at'>): string {
  return link.before ? link.end_at : link.start_at;
}

/** What to show: before and after, in the order of time; of what was rejected only how many, unless asked for. */
export function sides(found: readonly TrackLink[], withRejected: boolean): Sides {
  const shown = found.filter((link) => withRejected || link.decision !== 'rejected');
  const inTime = (a: TrackLink, b: TrackLink) => a.start_at.localeCompare(b.start_at);
  return {
    before: shown.filter((link) => link.before).sort(inTime),
    after: shown.filter((link) => !link.before).sort(inTime),
    rejected: found.filter((link) => link.decision === 'rejected').length,
  };
}
