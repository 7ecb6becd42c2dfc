/** What is said of a zone on the map: its name, its rule, and which cameras see it. Pure. */
import type { Camera, LonLat, Zone } from '../../api/types';
import type { Outline } from '../../zones/api';

export interface ZoneFacts {
  zone: Zone;
  /** Cameras that see it, by name of place in the order of their codes. */
  cameras: Camera[];
}

export function zoneFacts(id: number, zones: readonly Zone[], outlines: readonly Outline[], camera: (id: number) => Camera | undefined): ZoneFacts | null {
  const zone = zones.find((each) => each.id === id);
  if (!zone) return null;
  const ids = zone.camera_id !== null ? [zone.camera_id] : outlines.filter((row) => row.zone_id === id).map((row) => row.camera_id);
  const cameras = [...new Set(ids)].flatMap((one) => camera(one) ?? []).sort((a, b) => a.code.localeCompare(b.code));
  return { zone, cameras };
}

/** Where a zone's name stands, and where the map goes: the middle of its corners. */
export function middleOf(ground: readonly LonLat[]): LonLat | null {
  if (ground.length === 0) return null;
  const mean = (axis: 0 | 1) => ground.reduce((sum, spot) => sum + spot[axis], 0) / ground.length;
  return [mean(0), mean(1)];
}
