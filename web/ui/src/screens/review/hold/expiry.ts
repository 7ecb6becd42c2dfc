/** How long a lock protects. Pure. */

const DAY_MS = 86_400_000;
/** Shorter than this is said loudly: somebody has to prolong it or let it go. */
const SOON_MS = 7 * DAY_MS;

export const TERMS = [30, 90, 180, 365, null] as const;
export type Term = (typeof TERMS)[number];

/** The end of the local day that lies `days` ahead. */
export function endOfDay(days: number, nowMs: number): string {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 23, 59, 59).toISOString();
}

/** When a lock of this term ends; null: when somebody releases it. */
export const expiryOf = (term: Term, nowMs: number): string | null => (term === null ? null : endOfDay(term, nowMs));

export type Standing = 'open' | 'dated' | 'soon' | 'over' | 'released';

export function standing(hold: { expires_at: string | null; released_at: string | null }, nowMs: number): Standing {
  if (hold.released_at !== null) return 'released';
  if (hold.expires_at === null) return 'open';
  const left = Date.parse(hold.expires_at) - nowMs;
  return left <= 0 ? 'over' : left < SOON_MS ? 'soon' : 'dated';
}

/** What needs somebody first: ending soon, then by its end, then what has no end, then what is over. */
export function byNeed<H extends { expires_at: string | null; released_at: string | null; created_at: string }>(list: readonly H[], nowMs: number): H[] {
  const rank: Record<Standing, number> = { soon: 0, dated: 1, open: 2, over: 3, released: 4 };
  return [...list].sort(
    (a, b) =>
      rank[standing(a, nowMs)] - rank[standing(b, nowMs)] ||
      (a.expires_at ?? '').localeCompare(b.expires_at ?? '') ||
      b.created_at.localeCompare(a.created_at),
  );
}
