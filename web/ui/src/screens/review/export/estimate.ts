/** How long a package takes to make. Pure. */
import type { Estimate } from '../../../api/footage';

/** Copying and hashing untouched footage: what a small machine does, so that the promise is kept rather than beaten. */
const COPY_BYTES_PER_S = 40e6;
/** Decoding, masking and encoding anew, seconds of footage per second. */
const MASK_SPEED = 3;
const LEAST_S = 2;

/** Seconds, rounded to what one would say: a rough promise is not given to the second. */
export function packingTime({ bytes, recorded_s }: Pick<Estimate, 'bytes' | 'recorded_s'>, masked: boolean): number {
  const seconds = Math.max(LEAST_S, masked ? recorded_s / MASK_SPEED : bytes / COPY_BYTES_PER_S);
  const step = seconds < 60 ? 5 : seconds < 600 ? 30 : 300;
  return Math.ceil(seconds / step) * step;
}
