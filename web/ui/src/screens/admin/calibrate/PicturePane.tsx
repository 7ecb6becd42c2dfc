import { ZoomIn, ZoomOut } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Calibrate, Camera, ControlPoints } from '../../../api/types';
import { named } from '../../../i18n';
import { PictureFrame, type Placed, type Point } from '../../../picture';
import { panned, place, showing, toBox, toPicture, WHOLE, within, zoomed, type View } from '../../../picture/view';
import { colour, type Draft } from './points';
import { messages } from './text';

interface Props {
  camera: Camera;
  drafts: readonly Draft[];
  fit: Calibrate | null;
  /** What is drawn while there is no fit: the pose as it is saved. */
  saved: ControlPoints | null;
  chosen: number | null;
  /** `byKey`: the next spot is wanted on the map, and so is the focus. */
  onPick: (at: Point, byKey: boolean) => void;
  onMove: (number: number, at: Point, done: boolean) => void;
  onChoose: (number: number | null) => void;
  onHover: (at: Point | null) => void;
}

const REACH_PX = 14;
const DRAG_PX = 4;
const STEP_PX = 8;
const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The camera's picture with the points, where the fit sees them, its horizon and metre grid. */
export function PicturePane({ camera, drafts, fit, saved, chosen, onPick, onMove, onChoose, onHover }: Props) {
  const t = messages.use();
  const [view, setView] = useState<View>(WHOLE);
  const [cross, setCross] = useState<Point | null>(null);
  const placed = useRef<Placed | null>(null);
  const drag = useRef<{ number: number | null; from: Point; view: View; moved: boolean } | null>(null);
  const lines = fit?.pose ? fit : saved;

  const pixel = (event: PointerEvent): Point => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  };
  const under = (rect: Placed['rect'], px: Point): Draft | undefined =>
    drafts.find((each) => each.at && Math.hypot(toBox(rect, each.at)[0] - px[0], toBox(rect, each.at)[1] - px[1]) < REACH_PX);
  const zoom = (factor: number) => {
    const now = placed.current;
    if (now) setView((before) => zoomed(now.box, now.aspect, before, factor, cross ? toBox(place(now.box, now.aspect, before), cross) : [now.box.width / 2, now.box.height / 2]));
  };
  const keys = (event: KeyboardEvent) => {
    const now = placed.current;
    const by = ARROWS[event.key];
    if (!now || event.ctrlKey || event.metaKey || event.altKey) return;
    const rect = place(now.box, now.aspect, view);
    const point = drafts.find((each) => each.number === chosen && each.at);
    if (by) {
      const far = event.shiftKey ? STEP_PX * 4 : point ? 1 : STEP_PX;
      const from = point?.at ?? cross ?? [0.5, 0.5];
      const to = within([from[0] + (by[0] * far) / rect.width, from[1] + (by[1] * far) / rect.height]);
      if (point) onMove(point.number, to, true);
      else {
        setCross(to);
        onHover(to);
      }
      setView((before) => showing(now.box, now.aspect, before, to));
    } else if (event.key === 'Enter') {
      if (cross && !point) onPick(cross, true);
    }
    else if (event.key === '+' || event.key === '=') zoom(1.5);
    else if (event.key === '-') zoom(1 / 1.5);
    else if (event.key === '0') setView(WHOLE);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="cal-pane">
      <PictureFrame camera={camera} view={view}>
        {(now) => {
          placed.current = now;
          const { rect, box } = now;
          const path = (line: readonly (readonly number[])[]) => line.map(([x, y]) => toBox(rect, [x as number, y as number]).map((v) => v.toFixed(1)).join(',')).join(' ');
          return (
            <svg
              className="picture-canvas cal-canvas"
              width={box.width}
              height={box.height}
              tabIndex={0}
              role="application"
              aria-label={t('calibrate.picture', { name: named(t.language, camera) })}
              data-testid="cal-picture"
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                const px = pixel(event);
                drag.current = { number: under(rect, px)?.number ?? null, from: px, view, moved: false };
              }}
              onPointerMove={(event) => {
                const px = pixel(event);
                const going = drag.current;
                if (!going) {
                  const at = toPicture(rect, px);
                  onHover(at[0] >= 0 && at[0] <= 1 && at[1] >= 0 && at[1] <= 1 ? at : null);
                  return;
                }
                const [dx, dy] = [px[0] - going.from[0], px[1] - going.from[1]];
                if (!going.moved && Math.hypot(dx, dy) < DRAG_PX) return;
                going.moved = true;
                if (going.number !== null) onMove(going.number, within(toPicture(rect, px)), false);
                else setView(panned(box, now.aspect, going.view, dx, dy));
              }}
              onPointerUp={(event) => {
                const going = drag.current;
                drag.current = null;
                if (!going) return;
                const at = toPicture(rect, pixel(event));
                if (going.moved && going.number !== null) onMove(going.number, within(at), true);
                else if (!going.moved && going.number !== null) onChoose(going.number);
                else if (!going.moved && at[0] >= 0 && at[0] <= 1 && at[1] >= 0 && at[1] <= 1) {
                  setCross(null);
                  onPick(at, false);
                }
              }}
              onPointerCancel={() => (drag.current = null)}
              onPointerLeave={() => onHover(null)}
              onWheel={(event) => {
                if (!event.ctrlKey && document.activeElement !== event.currentTarget) return;
                const px: Point = [event.nativeEvent.offsetX, event.nativeEvent.offsetY];
                setView((before) => zoomed(box, now.aspect, before, Math.exp(-event.deltaY * 0.0015), px));
              }}
              onFocus={(event) => event.currentTarget.matches(':focus-visible') && setCross((before) => before ?? [0.5, 0.5])}
              onKeyDown={keys}
            >
              <g className="cal-grid">
                {lines?.grid.map((line, i) => (
                  <polyline key={i} points={path(line)} />
                ))}
              </g>
              {lines && lines.horizon.length > 0 && <polyline className="cal-horizon" points={path(lines.horizon)} />}
              {fit?.residuals.map((each) => {
                const draft = drafts.find(({ number }) => number === each.number);
                if (!draft?.at || each.x === null || each.y === null) return null;
                const [x1, y1] = toBox(rect, draft.at);
                const [x2, y2] = toBox(rect, [each.x, each.y]);
                return (
                  <g key={each.number} className={each.wrong ? 'cal-arrow cal-wrong' : 'cal-arrow'} stroke={colour(each.number)}>
                    <line x1={x1} y1={y1} x2={x2} y2={y2} />
                    <circle cx={x2} cy={y2} r={3} fill={colour(each.number)} />
                  </g>
                );
              })}
              {drafts.map((each) => each.at && <Mark key={each.number} draft={each} at={toBox(rect, each.at)} chosen={each.number === chosen} />)}
              {cross && (
                <g className="shape-cross">
                  <line x1={toBox(rect, cross)[0] - 14} y1={toBox(rect, cross)[1]} x2={toBox(rect, cross)[0] + 14} y2={toBox(rect, cross)[1]} />
                  <line x1={toBox(rect, cross)[0]} y1={toBox(rect, cross)[1] - 14} x2={toBox(rect, cross)[0]} y2={toBox(rect, cross)[1] + 14} />
                </g>
              )}
            </svg>
          );
        }}
      </PictureFrame>
      <div className="cal-zoom">
        <button type="button" className="button icon small" aria-label={t('calibrate.zoom_in')} title={t('calibrate.zoom_in')} onClick={() => zoom(1.5)}>
          <ZoomIn size={16} aria-hidden />
        </button>
        <button type="button" className="button icon small" aria-label={t('calibrate.zoom_out')} title={t('calibrate.zoom_out')} disabled={view.zoom <= 1} onClick={() => zoom(1 / 1.5)}>
          <ZoomOut size={16} aria-hidden />
        </button>
      </div>
    </div>
  );
}

/** A ring around the exact spot, and its number beside it: the spot itself stays in sight. */
function Mark({ draft, at: [x, y], chosen }: { draft: Draft; at: Point; chosen: boolean }) {
  const fill = colour(draft.number);
  return (
    <g className="cal-mark" data-chosen={chosen || undefined}>
      <circle cx={x} cy={y} r={7} className="cal-ring-edge" />
      <circle cx={x} cy={y} r={7} stroke={fill} className="cal-ring" strokeDasharray={draft.place ? undefined : '3 3'} />
      <circle cx={x} cy={y} r={1.2} fill={fill} />
      <rect x={x + 8} y={y - 22} width={draft.number > 9 ? 22 : 16} height={16} rx={3} fill={fill} />
      <text x={x + 8 + (draft.number > 9 ? 11 : 8)} y={y - 10} textAnchor="middle">
        {draft.number}
      </text>
    </g>
  );
}
