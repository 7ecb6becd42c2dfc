import { useEffect, useState } from 'react';
import { recordings } from '../../api/endpoints';
import { messages } from './text';

const REST_MS = 350;
const STEP_MS = 1000;
const BEFORE = 2;
const PICTURES = 8;
const SHOW_MS = 350;

interface Props {
  cameraId: number;
  at: string;
  /** The address of its picture; null: the frame of the moment out of the recording. */
  picture: string | null;
  /** In the picture of the moment; a picture that is cut out round the thing has none. */
  box: readonly [number, number, number, number] | null;
}

/** The picture of a moment; while the pointer rests on it, the seconds around it, one picture a second, over and over. */
export function Preview({ cameraId, at, picture, box }: Props) {
  const t = messages.use();
  const [hovered, setHovered] = useState(false);
  const [strip, setStrip] = useState<readonly string[]>([]);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (!hovered || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    let stopped = false;
    const load = async () => {
      for (let i = 0; i < PICTURES && !stopped; i++) {
        const url = recordings.frameUrl(cameraId, new Date(Date.parse(at) + (i - BEFORE) * STEP_MS).toISOString());
        const image = new Image();
        image.src = url;
        // A moment that was not recorded has no picture; the others are shown.
        await image.decode().then(() => !stopped && setStrip((held) => [...held, url]), () => undefined);
      }
    };
    const begin = setTimeout(() => void load(), REST_MS);
    const next = setInterval(() => setTurn((held) => held + 1), SHOW_MS);
    return () => {
      stopped = true;
      clearTimeout(begin);
      clearInterval(next);
      setStrip([]);
    };
  }, [hovered, cameraId, at]);

  const playing = strip.length > 1;
  return (
    <span className="rv-picture" data-playing={playing} onPointerEnter={() => setHovered(true)} onPointerLeave={() => setHovered(false)}>
      <img src={playing ? strip[turn % strip.length] : (picture ?? recordings.frameUrl(cameraId, at))} alt={t('review.snapshot')} loading="lazy" />
      {!playing && box && (
        <span className="rv-box" style={{ left: `${box[0] * 100}%`, top: `${box[1] * 100}%`, width: `${box[2] * 100}%`, height: `${box[3] * 100}%` }} />
      )}
    </span>
  );
}
