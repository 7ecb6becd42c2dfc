import { useEffect, useRef, useState } from 'react';
import { search } from '../../api/endpoints';
import type { TrackDetail } from '../../api/types';
import type { Item } from './item';
import type { Playhead } from './playhead';

/** So long around its moment a box without a track is shown. */
const SHOWN_MS = 4_000;
const APART_S = 1.5;

type Box = readonly [number, number, number, number];

/** The box of a track at a moment, between its samples in a straight way; null where it was not there. Pure. */
export function boxAt(track: Pick<TrackDetail, 'start_at' | 't_s' | 'boxes'>, atMs: number): Box | null {
  const t = (atMs - Date.parse(track.start_at)) / 1000;
  const { t_s, boxes } = track;
  const after = t_s.findIndex((each) => each >= t);
  if (after < 0) return t - (t_s.at(-1) ?? -Infinity) < APART_S ? (boxes.at(-1) ?? null) : null;
  const [a, b] = [boxes[after - 1], boxes[after]];
  const [from, to] = [t_s[after - 1], t_s[after]];
  if (!b || to === undefined) return null;
  if (!a || from === undefined) return to - t < APART_S ? b : null;
  const share = to > from ? (t - from) / (to - from) : 1;
  return [0, 1, 2, 3].map((i) => (a[i] as number) + share * ((b[i] as number) - (a[i] as number))) as unknown as Box;
}

/** Over a player's picture: the box of what was chosen, moving with its track where there is one. */
export function Marked({ item, playhead, video }: { item: Item; playhead: Playhead; video: HTMLVideoElement }) {
  const svg = useRef<SVGSVGElement>(null);
  const rect = useRef<SVGRectElement>(null);
  const [track, setTrack] = useState<TrackDetail | null>(null);
  useEffect(() => {
    setTrack(null);
    if (!item.trackUid) return;
    const abort = new AbortController();
    search.track(item.trackUid, abort.signal).then(setTrack, () => undefined); // its row may not be written yet: the box stands still
    return () => abort.abort();
  }, [item.trackUid]);

  useEffect(() => {
    let frame = 0;
    const draw = () => {
      const [width, height] = [video.videoWidth || 16, video.videoHeight || 9];
      const now = playhead.now();
      const there = Math.abs(now - item.atMs) < SHOWN_MS || (now >= item.fromMs && now <= item.toMs && item.hit?.source === 'motion');
      const box = track ? boxAt(track, now) : there ? item.box : null;
      svg.current?.setAttribute('viewBox', `0 0 ${width} ${height}`);
      const node = rect.current;
      if (node) {
        node.style.display = box ? '' : 'none';
        if (box) {
          node.setAttribute('x', String(box[0] * width));
          node.setAttribute('y', String(box[1] * height));
          node.setAttribute('width', String(box[2] * width));
          node.setAttribute('height', String(box[3] * height));
        }
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [item, track, playhead, video]);

  // As the picture is: whole, in the middle.
  return (
    <svg ref={svg} className="rv-marked" preserveAspectRatio="xMidYMid meet" aria-hidden data-testid="marked">
      <rect ref={rect} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
