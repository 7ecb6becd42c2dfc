/** An outline set corner by corner with the keys, at the middle of the map. Pure. */
import type { LonLat } from '../../api/types';

const LEAST = 3;

/** One more corner; the same one once more closes the outline, once it has three. */
export function cornerByKey(corners: readonly LonLat[], at: LonLat): { corners: LonLat[]; closed: boolean } {
  const last = corners.at(-1);
  const again = last !== undefined && last[0] === at[0] && last[1] === at[1];
  if (again) return { corners: [...corners], closed: corners.length >= LEAST };
  return { corners: [...corners, at], closed: false };
}
