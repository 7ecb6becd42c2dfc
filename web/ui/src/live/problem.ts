/** What is wrong with a camera, in the order in which it matters. Pure. */
import type { Camera } from '../api/types';

export type Problem = 'lost' | 'not_recording';

/** Null: nothing is wrong, or the camera is switched off on purpose. */
export function problemOf(camera: Pick<Camera, 'enabled' | 'state' | 'recorded' | 'recording'>): Problem | null {
  if (!camera.enabled) return null;
  if (camera.state !== 'online') return 'lost';
  return camera.recorded && !camera.recording ? 'not_recording' : null;
}

/** Whether what the player shows can only be old: the camera sends nothing. A full disk stops recording, not the picture. */
export function silent(camera: Pick<Camera, 'state'>): boolean {
  return !['online', 'connecting', 'disk_full'].includes(camera.state);
}
