import { Film } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Camera } from '../../api/types';
import { Empty } from '../../components/small';
import { layout } from './grid';
import { Player, type Mounted } from './Player';
import type { Item } from './item';
import type { Playhead } from './playhead';
import type { TimelineRows } from './rows';
import { messages } from './text';

interface Props {
  cameras: readonly Camera[];
  playhead: Playhead;
  rows: TimelineRows | null;
  /** The enlarged camera, or null. */
  large: number | null;
  onLarge: (cameraId: number | null) => void;
  /** The camera that is heard. */
  sounding: number | null;
  onNext: (atMs: number) => void;
  onAudio: (cameraId: number, has: boolean) => void;
  marked: Item | null;
  mount: (player: Mounted) => () => void;
}

/** The pictures side by side, as large as the place allows, all at one moment. */
export function Players({ cameras, playhead, rows, large, onLarge, sounding, onNext, onAudio, marked, mount }: Props) {
  const t = messages.use();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 1200, height: 700 });
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const observer = new ResizeObserver(([entry]) => entry && setSize({ width: entry.contentRect.width, height: entry.contentRect.height }));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  const index = cameras.findIndex((camera) => camera.id === large);
  const { columns, rows: lines, cells } = layout(cameras.length, size.width, Math.max(1, size.height), index < 0 ? null : index);
  return (
    <div
      ref={box}
      className="rv-players"
      data-count={cameras.length}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gridTemplateRows: `repeat(${lines}, minmax(0, 1fr))` }}
    >
      {cameras.length === 0 && (
        <Empty icon={<Film size={32} aria-hidden />} title={t('review.no_cameras')}>
          {t('review.no_cameras_hint')}
        </Empty>
      )}
      {cameras.map((camera, i) => {
        const cell = cells[i];
        return (
          cell && (
            <Player
              key={camera.id}
              camera={camera}
              playhead={playhead}
              cell={cell}
              position={i + 1}
              large={camera.id === large}
              alone={cameras.length === 1}
              sounding={camera.id === sounding}
              gaps={rows?.cameras.find((row) => row.camera_id === camera.id)?.gaps ?? []}
              onLarge={() => onLarge(camera.id === large ? null : camera.id)}
              onNext={onNext}
              onAudio={onAudio}
              marked={marked?.cameraId === camera.id ? marked : null}
              mount={mount}
            />
          )
        );
      })}
    </div>
  );
}
