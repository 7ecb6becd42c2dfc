/** What analytics made of each camera's pictures, out of the figures it gives of itself. Pure. */

export type Account = {
  code: string;
  effort: 'full' | 'half' | 'keys' | 'quiet';
  decoded: number;
  analysed: number;
  quiet: number;
  disposable: number;
  shed: number;
  broken: number;
};

const EFFORTS = ['full', 'half', 'keys', 'quiet'];
const RANK = { keys: 0, half: 1, full: 2, quiet: 3 };

/** Cameras that get less than they need first, then those that are followed, then the quiet ones. */
export function accounts(facts: Record<string, unknown>): Account[] {
  const found = facts['decoding'];
  if (typeof found !== 'object' || found === null) return [];
  return Object.entries(found as Record<string, Record<string, unknown>>)
    .map(([code, of]) => ({
      code,
      effort: (EFFORTS.includes(String(of['effort'])) ? of['effort'] : 'full') as Account['effort'],
      decoded: Number(of['decoded'] ?? 0),
      analysed: Number(of['analysed'] ?? 0),
      quiet: Number(of['quiet'] ?? 0),
      disposable: Number(of['disposable'] ?? 0),
      shed: Number(of['shed'] ?? 0),
      broken: Number(of['broken'] ?? 0),
    }))
    .sort((a, b) => RANK[a.effort] - RANK[b.effort] || a.code.localeCompare(b.code));
}
