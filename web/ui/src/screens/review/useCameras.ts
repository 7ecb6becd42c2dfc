/** Which cameras are shown, and the moment the screen opens at: from the address, then by hand. */
import { useEffect, useMemo, useState } from 'react';
import { cameras as cameraRoutes } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { useFeed, useRows } from '../../feed';
import { MOST_PLAYERS } from './grid';
import type { Link } from './link';

/** From a spot only the best few: more would each be too small to see anything in. */
const SEEING = 4;

interface Chosen {
  all: readonly Camera[];
  chosen: ReadonlySet<number>;
  setChosen: (change: ReadonlySet<number> | ((held: ReadonlySet<number>) => ReadonlySet<number>)) => void;
  /** In the order of their codes, at most as many as play in step. */
  playing: readonly Camera[];
  tooMany: boolean;
}

export function useCameras(link: Link, onError: (error: unknown) => void): Chosen {
  const feed = useFeed();
  const rows = useRows(feed.cameras);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(() => new Set(link.cameras));
  const all = useMemo(() => [...rows].sort((a, b) => a.code.localeCompare(b.code)), [rows]);
  const shown = useMemo(() => all.filter((camera) => chosen.has(camera.id)), [all, chosen]);
  const playing = useMemo(() => shown.slice(0, MOST_PLAYERS), [shown]);

  useEffect(() => {
    if (!link.spot) return;
    cameraRoutes.seeing(link.spot[0], link.spot[1]).then(
      (seeing) => setChosen(new Set(seeing.slice(0, SEEING).map((each) => each.camera_id))),
      onError,
    );
  }, [link]);

  return { all, chosen, setChosen, playing, tooMany: shown.length > MOST_PLAYERS };
}
