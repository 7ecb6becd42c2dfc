/** Which camera a screen begins with: one whose picture can be drawn on. Pure. */
import type { Camera } from '../api/types';

export function firstCamera(cameras: readonly Camera[], asked: number | null): Camera | undefined {
  return cameras.find((each) => each.id === asked) ?? cameras.find((each) => each.state === 'online') ?? cameras[0];
}
