/** What the filmstrip and the queue hold: an event or a find, with the moment to show. Pure. */
import type { TrackLink } from '../../api/analytics_models';
import type { Event, Hit, LonLat, Priority, QueueEvent } from '../../api/types';
import { momentOf } from '../../links/order';

export interface Item {
  key: string;
  cameraId: number | null;
  atMs: number;
  fromMs: number;
  toMs: number;
  place: LonLat | null;
  priority: Priority | null;
  box: readonly [number, number, number, number] | null;
  trackUid: string | null;
  event: Event | null;
  hit: Hit | null;
  queued: QueueEvent | null;
}

export function ofEvent(event: Event, queued: QueueEvent | null = null): Item {
  const atMs = Date.parse(event.at);
  return {
    key: `event:${event.id}`,
    cameraId: event.camera_id,
    atMs,
    fromMs: atMs,
    toMs: atMs,
    place: event.lon === null || event.lat === null ? null : [event.lon, event.lat],
    priority: event.priority,
    box: event.box,
    trackUid: event.track_uid ?? null,
    event,
    hit: null,
    queued,
  };
}

export function ofHit(hit: Hit): Item {
  return {
    key: hit.id,
    cameraId: hit.camera_id,
    atMs: Date.parse(hit.at),
    fromMs: Date.parse(hit.from_at),
    toMs: Date.parse(hit.to_at),
    place: hit.lon === null || hit.lat === null ? null : [hit.lon, hit.lat],
    priority: hit.priority,
    box: hit.box,
    trackUid: hit.track_uid,
    event: null,
    hit,
    queued: null,
  };
}

/** Where another camera probably saw the same thing, at the moment the two hand it over. */
export function ofLink(link: TrackLink): Item {
  const atMs = Date.parse(momentOf(link));
  return {
    key: `link:${link.id}`,
    cameraId: link.camera_id,
    atMs,
    fromMs: Date.parse(link.start_at),
    toMs: Date.parse(link.end_at),
    place: null,
    priority: null,
    box: null,
    trackUid: link.uid,
    event: null,
    hit: null,
    queued: null,
  };
}

/** The one after (1) or before (-1) the chosen one; the first where none is chosen, null at the end. */
export function neighbour(items: readonly Item[], key: string | null, by: 1 | -1): Item | null {
  const index = items.findIndex((item) => item.key === key);
  if (index < 0) return items[0] ?? null;
  return items[index + by] ?? null;
}
