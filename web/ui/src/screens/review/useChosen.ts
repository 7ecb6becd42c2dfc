/** Which event or find is looked at, and what the players show for it. */
import { useCallback, useState } from 'react';
import type { TrackLink } from '../../api/analytics_models';
import { cameras as cameraRoutes, events as eventRoutes } from '../../api/endpoints';
import type { Event } from '../../api/types';
import { ofEvent, ofLink, type Item } from './item';
import type { Playhead } from './playhead';

const BEFORE_EVENT_MS = 4_000;
const BEFORE_QUEUED_MS = 3_000;
/** Of a spot without a camera of its own. */
const SEEING = 4;

interface Playing {
  playhead: Playhead;
  seek: (atMs: number) => void;
  setCameras: (change: ReadonlySet<number> | ((held: ReadonlySet<number>) => ReadonlySet<number>)) => void;
  onError: (error: unknown) => void;
}

export interface Chosen {
  item: Item | null;
  /** What is marked in the players: the chosen one, or where else its thing was seen. */
  marked: Item | null;
  clear: () => void;
  choose: (event: Event) => void;
  chooseFind: (item: Item) => void;
  /** Alone: one clip after the other. */
  chooseQueued: (item: Item) => void;
  openLink: (link: TrackLink) => void;
}

export function useChosen({ playhead, seek, setCameras, onError }: Playing): Chosen {
  const [item, setItem] = useState<Item | null>(null);
  const [elsewhere, setElsewhere] = useState<Item | null>(null);

  const show = useCallback(
    (shown: Item, beforeMs: number, alone: boolean) => {
      const { cameraId, place } = shown;
      if (cameraId !== null) setCameras((held) => (held.has(cameraId) && !alone ? held : new Set(alone ? [cameraId] : [...held, cameraId])));
      else if (place) cameraRoutes.seeing(...place).then((seeing) => setCameras(new Set(seeing.slice(0, SEEING).map((each) => each.camera_id))), onError);
      seek(shown.atMs - beforeMs);
      if (playhead.get().rate < 0) playhead.setRate(1);
      playhead.play(true);
    },
    [playhead, seek, setCameras, onError],
  );
  const open = useCallback(
    (chosen: Item, beforeMs: number, alone: boolean) => {
      setItem(chosen);
      setElsewhere(null);
      show(chosen, beforeMs, alone);
      const { event } = chosen;
      // The list's row stays, without its path, where the answer does not come.
      if (event) eventRoutes.read(event.id).then((whole) => setItem((held) => (held?.key === chosen.key ? { ...held, event: whole } : held)), () => undefined);
    },
    [show],
  );
  const openLink = useCallback(
    (link: TrackLink) => {
      const there = ofLink(link);
      setElsewhere(there);
      show(there, BEFORE_QUEUED_MS, false);
    },
    [show],
  );
  return {
    item,
    marked: elsewhere ?? item,
    clear: () => {
      setItem(null);
      setElsewhere(null);
    },
    choose: useCallback((event: Event) => open(ofEvent(event), BEFORE_EVENT_MS, false), [open]),
    chooseFind: (found) => open(found, BEFORE_EVENT_MS, false),
    chooseQueued: (queued) => open(queued, BEFORE_QUEUED_MS, true),
    openLink,
  };
}
