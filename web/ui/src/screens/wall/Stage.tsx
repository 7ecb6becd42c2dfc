import { useEffect, useMemo, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import type { Camera } from '../../api/types';
import { useFeed, useRows } from '../../feed';
import { SlowPicture } from '../../live/SlowPicture';
import { cost, plan, type Picture } from './budget';
import { cellsOf, sideOf, type Grid, type Slots } from './layout';
import { Tile } from './Tile';
import { useGovernor } from './useGovernor';

/** What a camera's sub stream is taken to bring; hardly any brings more. */
const SUB = { width_px: 640, height_px: 360 };
const NARROW_PX = 720;

interface Props {
  grid: Grid;
  slots: Slots;
  focus: number;
  enlarged: number | null;
  fixed: boolean;
  /** Drawn over the enlarged picture. */
  over: (camera: Camera) => ReactNode;
  onFocus: (place: number) => void;
  onEnlarge: (camera: number | null) => void;
  onHang: (camera: number, place: number) => void;
  onClear: (place: number) => void;
  onIncident: (camera: Camera) => void;
}

/** The tiles. Each plays only while it can be seen, in the stream that fits its size, as long as the machine keeps up. */
export function Stage({ grid, slots, focus, enlarged, fixed, over, ...on }: Props) {
  const feed = useFeed();
  const rows = useRows(feed.cameras);
  const box = useRef<HTMLDivElement>(null);
  const budget_mpx_s = useGovernor(box);
  const [width_px, setWidth] = useState(0);
  const [visible, setVisible] = useState<ReadonlySet<number>>(new Set());

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const observer = new ResizeObserver(() => setWidth(node.clientWidth));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  const narrow = width_px > 0 && width_px < NARROW_PX;
  const cells = useMemo(() => cellsOf(grid), [grid]);
  const side = sideOf(grid);
  const cameras = slots.map((id) => (id === null ? null : (rows.find((camera) => camera.id === id) ?? null)));

  const pictures = cameras.map((camera, i): Picture => {
    const alone = camera !== null && camera.id === enlarged;
    const share = alone ? 1 : narrow ? (grid <= 4 ? 1 : 0.5) : (cells[i]?.span ?? 1) / side;
    const on = camera?.state === 'online'; // a lost one costs nothing, and plays at once when it is back
    return {
      main_mpx_s: on ? cost(camera.width_px, camera.height_px, camera.fps) : 0,
      sub_mpx_s: camera?.has_sub ? (on ? cost(SUB.width_px, SUB.height_px, camera.fps) : 0) : null,
      sub_width_px: SUB.width_px,
      width_px: width_px * share * devicePixelRatio,
      visible: camera !== null && visible.has(i) && (enlarged === null || alone),
      chosen: alone,
    };
  });
  const plays = plan(pictures, budget_mpx_s);

  return (
    <div
      ref={box}
      className="wall-stage"
      data-testid="wall-stage"
      data-grid={grid}
      data-budget={Math.round(budget_mpx_s)}
      data-narrow={narrow || undefined}
      data-enlarged={enlarged !== null || undefined}
      style={{ '--side': narrow ? (grid <= 4 ? 1 : 2) : side } as CSSProperties}
    >
      {cameras.map((camera, i) => {
        const cell = cells[i];
        const play = plays[i] ?? 'still';
        const alone = camera !== null && camera.id === enlarged;
        return (
          <Tile
            key={i}
            number={i + 1}
            camera={camera}
            style={cell && !narrow && !alone ? { gridColumn: `${cell.column} / span ${cell.span}`, gridRow: `${cell.row} / span ${cell.span}` } : {}}
            play={play}
            still={camera && visible.has(i) && <SlowPicture key={camera.id} camera={camera.id} />}
            focused={i === focus}
            enlarged={alone}
            behind={enlarged !== null && !alone}
            fixed={fixed}
            onFocus={() => on.onFocus(i)}
            onEnlarge={() => camera && on.onEnlarge(alone ? null : camera.id)}
            onDrop={(id) => on.onHang(id, i)}
            onClear={() => on.onClear(i)}
            onIncident={() => camera && on.onIncident(camera)}
            onVisible={(shown) =>
              setVisible((held) => {
                if (held.has(i) === shown) return held;
                const next = new Set(held);
                if (shown) next.add(i);
                else next.delete(i);
                return next;
              })
            }
          >
            {alone && camera ? over(camera) : null}
          </Tile>
        );
      })}
    </div>
  );
}
