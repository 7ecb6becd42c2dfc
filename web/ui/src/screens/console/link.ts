/** What the address asks the console to show: `?camera=3`, `?incident=1042`, `?alarm=7`. Pure. */
import type { Selection } from './state';

const KINDS = ['incident', 'alarm', 'camera'] as const;

export function linked(search: string): Selection | null {
  const params = new URLSearchParams(search);
  for (const kind of KINDS) {
    const id = Number(params.get(kind) ?? NaN);
    if (Number.isInteger(id) && id > 0) return { kind, id };
  }
  return null;
}
