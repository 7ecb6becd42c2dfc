import { Eraser, Image, Maximize, Redo2, Undo2, Video, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Camera } from '../api/types';
import { named } from '../i18n';
import { nearestCorner, shifted } from './geometry';
import { PictureFrame, type Placed } from './PictureFrame';
import { ShapeMarks } from './ShapeMarks';
import { closed, done, extended, finished, inserted, NO_HISTORY, problem, redone, removed, replaced, undone, unfinished, type History, type Shape, type ShapeProblem } from './shapes';
import { messages } from './text';
import { under, useGestures, type Chosen, type Under } from './useGestures';
import { place, showing, toBox, toPicture, WHOLE, zoomed, type Point, type View } from './view';

interface Props {
  camera: Camera;
  /** What can be changed; the parent keeps it. Another set of ids begins a new history. */
  shapes: readonly Shape[];
  onShapes: (shapes: Shape[]) => void;
  /** The one that is drawn when it is not finished. */
  active: number;
  onActive?: (index: number) => void;
  /** Drawn behind, not changed here. */
  others?: readonly Shape[];
  onOther?: (id: string) => void;
  /** Another picture than the camera's newest. */
  url?: string;
  /** Begins with the live picture. */
  live?: boolean;
  /** More buttons in the row of tools. */
  tools?: ReactNode;
  /** Drawn over the picture in its own coordinates, for instance a measure at the pointer (null: not over it). */
  pointer?: (at: Point | null, placed: Placed) => ReactNode;
}

const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NUDGE_PX = 1;
const CROSS_PX = 8;
const SHIFT = 10;
const CLOSE_PX = 14;

/** Areas, lines, arrows and gauges drawn on a camera's picture by pointer, touch or keys. */
export function PictureEditor({ camera, shapes, onShapes, active, onActive, others = [], onOther, url, live: begin = false, tools, pointer }: Props) {
  const t = messages.use();
  const canvas = useRef<SVGSVGElement>(null);
  const placedRef = useRef<Placed | null>(null);
  const [view, setView] = useState<View>(WHOLE);
  const [live, setLive] = useState(begin);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [hover, setHover] = useState<Point | null>(null);
  const [cross, setCross] = useState<Point | null>(null);
  const [history, setHistory] = useState<History<readonly Shape[]>>(NO_HISTORY);
  const ids = `${camera.id}:${shapes.map((shape) => shape.id).join()}`;
  useEffect(() => {
    setHistory(NO_HISTORY);
    setChosen(null);
    setCross(null);
  }, [ids]);
  useEffect(() => setView(WHOLE), [camera.id]);

  const shape = shapes[active];
  const drawing = shape !== undefined && unfinished(shape);
  const commit = (next: Shape[]) => {
    setHistory((before) => done(before, shapes));
    onShapes(next);
  };
  const change = (index: number, next: Shape) => commit(shapes.map((each, i) => (i === index ? next : each)));
  const gestures = useGestures({
    shapes,
    active,
    view,
    placed: placedRef,
    onShapes,
    onActive: (index) => onActive?.(index),
    onView: setView,
    onDone: (before) => setHistory((all) => done(all, before)),
    onChosen: (next) => {
      setChosen(next);
      setCross(null);
    },
  });

  const step = (go: typeof undone) => {
    const result = go(history, shapes);
    if (!result) return;
    setHistory(result.history);
    onShapes([...result.now]);
    setChosen(null);
  };
  const zoom = (factor: number, at?: Point) => {
    const placed = placedRef.current;
    if (!placed) return;
    const corner = chosen && shapes[chosen.shape]?.points[chosen.corner];
    const middle: Point = corner ? toBox(place(placed.box, placed.aspect, view), corner) : [placed.box.width / 2, placed.box.height / 2];
    setView(zoomed(placed.box, placed.aspect, view, factor, at ?? middle));
  };
  const look = (point: Point) => {
    const placed = placedRef.current;
    if (placed) setView((before) => showing(placed.box, placed.aspect, before, point));
  };

  const wheel = useRef(zoom);
  wheel.current = zoom;
  useEffect(() => {
    const node = canvas.current;
    if (!node) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && !node.contains(document.activeElement)) return; // the page scrolls
      event.preventDefault();
      const bounds = node.getBoundingClientRect();
      wheel.current(Math.exp(-event.deltaY * 0.0015), [event.clientX - bounds.left, event.clientY - bounds.top]);
    };
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => node.removeEventListener('wheel', onWheel);
  });

  const close = () => shape && finished(shape) !== shape && shape.open && change(active, finished(shape));
  const keys = (event: KeyboardEvent<SVGSVGElement>): boolean => {
    const placed = placedRef.current;
    if (!placed) return false;
    const size = place(placed.box, placed.aspect, view);
    const by = ARROWS[event.key];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') step(event.shiftKey ? redone : undone);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'y') step(redone);
    else if (event.ctrlKey || event.metaKey || event.altKey) return false;
    else if (event.key === '+' || event.key === '=') zoom(1.5);
    else if (event.key === '-') zoom(1 / 1.5);
    else if (event.key === '0') setView(WHOLE);
    else if (drawing && by) {
      const far = CROSS_PX * (event.shiftKey ? SHIFT / 2 : 1);
      const from = cross ?? shape.points.at(-1) ?? [0.5, 0.5];
      const to: Point = [Math.min(1, Math.max(0, from[0] + (by[0] * far) / size.width)), Math.min(1, Math.max(0, from[1] + (by[1] * far) / size.height))];
      setCross(to);
      look(to);
    } else if (drawing && (event.key === ' ' || event.key === 'Enter')) {
      const first = shape.points[0];
      const back = cross && first && nearestCorner([toBox(size, first)], toBox(size, cross), CLOSE_PX) === 0;
      if (shape.kind === 'area' && shape.points.length >= 3 && (event.key === 'Enter' || back)) close();
      else if (cross) change(active, extended(shape, cross));
      else return false;
    } else if (drawing && event.key === 'Backspace' && shape.points.length > 0) change(active, { ...shape, points: shape.points.slice(0, -1) });
    else if (drawing && event.key === 'Escape' && (cross || shape.points.length > 0)) {
      setCross(null);
      if (shape.points.length > 0) change(active, { ...shape, points: [], open: false });
    } else if (chosen && by) {
      const own = shapes[chosen.shape];
      const far = NUDGE_PX * (event.shiftKey ? SHIFT : 1);
      const [dx, dy] = [(by[0] * far) / size.width, (by[1] * far) / size.height];
      if (!own) return false;
      const corner = own.points[chosen.corner];
      const next = corner ? replaced(own, chosen.corner, [corner[0] + dx, corner[1] + dy]) : { ...own, points: shifted(own.points, dx, dy) };
      change(chosen.shape, next);
      look(next.points[Math.max(0, chosen.corner)] as Point);
    } else if (chosen && chosen.corner >= 0 && (event.key === 'Delete' || event.key === 'Backspace')) {
      const own = shapes[chosen.shape];
      if (!own) return false;
      change(chosen.shape, removed(own, chosen.corner));
      setChosen({ shape: chosen.shape, corner: -1 });
      canvas.current?.focus();
    } else if (chosen && chosen.corner >= 0 && (event.key === 'Insert' || event.key === 'i')) {
      const own = shapes[chosen.shape];
      const [a, b] = [own?.points[chosen.corner], own?.points[(chosen.corner + 1) % own.points.length]];
      if (!own || !a || !b || !closed(own)) return false;
      change(chosen.shape, inserted(own, chosen.corner, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
      setChosen({ shape: chosen.shape, corner: chosen.corner + 1 });
    } else if (chosen && event.key === 'Escape') setChosen(null);
    else return false;
    return true;
  };

  const wrong = shapes.map(problem).find((each): each is ShapeProblem => each !== null && each !== 'few' && each !== 'open');
  const hint = (): string => {
    if (!shape) return '';
    if (!drawing) return t(shape.kind === 'area' ? 'picture.hint.edit' : shape.kind === 'points' ? 'picture.hint.points' : 'picture.hint.edit_line');
    const drawn = shape.points.length;
    if (shape.kind === 'area' && drawn > 0) return drawn < 3 ? t('picture.hint.area_more', { n: 3 - drawn }) : t('picture.hint.area_close');
    return t(`picture.hint.${shape.kind}`);
  };

  const overlay = (placed: Placed) => {
    placedRef.current = placed;
    const { rect, box } = placed;
    const at = cross ? toBox(rect, cross) : hover;
    const hit: Under | null = hover && !drawing ? under(shapes, active, placed, hover, 10) : null;
    const last = drawing && shape.kind !== 'points' ? shape.points.at(-1) : undefined;
    const first = drawing && shape.kind === 'area' && shape.points.length >= 3 ? shape.points[0] : undefined;
    const closing = at && first && nearestCorner([toBox(rect, first)], at, CLOSE_PX) === 0;
    // Where the next corner would go: red at once when that edge would cross.
    const tried = drawing && at && !closing && shape.kind === 'area' ? problem(extended(shape, toPicture(rect, at))) === 'crosses' : false;
    const to = closing && first ? toBox(rect, first) : at;
    return (
      <>
        <svg
          ref={canvas}
          className="picture-canvas"
          width={box.width}
          height={box.height}
          tabIndex={0}
          role="application"
          aria-label={t('picture.label', { name: named(t.language, camera) })}
          data-testid="picture-canvas"
          data-drawing={drawing || undefined}
          data-under={hit ? (hit.corner >= 0 ? 'corner' : hit.edge ? 'edge' : 'whole') : undefined}
          {...gestures}
          onPointerMove={(event) => {
            const bounds = event.currentTarget.getBoundingClientRect();
            setHover([event.clientX - bounds.left, event.clientY - bounds.top]);
            gestures.onPointerMove(event);
          }}
          onPointerLeave={() => setHover(null)}
          onKeyDown={(event) => {
            if (keys(event)) {
              event.preventDefault();
              event.stopPropagation();
            }
          }}
        >
          {others.map((other) => (
            <ShapeMarks key={other.id} shape={other} rect={rect} onPick={onOther && !drawing ? () => onOther(other.id) : undefined} />
          ))}
          {shapes.map((each, i) => (
            <ShapeMarks key={each.id} shape={each} rect={rect} active={i === active} />
          ))}
          {last && to && <line className={`shape-rubber ${tried ? 'shape-wrong' : ''}`} x1={toBox(rect, last)[0]} y1={toBox(rect, last)[1]} x2={to[0]} y2={to[1]} />}
          {drawing && cross && <Cross at={toBox(rect, cross)} />}
          {hit?.edge && <circle className="shape-ghost" cx={hit.edge.at[0]} cy={hit.edge.at[1]} r={5} />}
          {shapes.map((each, i) =>
            each.points.map((point, n) => {
              const [x, y] = toBox(rect, point);
              return (
                <circle
                  key={`${each.id}:${n}`}
                  className="shape-corner"
                  cx={x}
                  cy={y}
                  r={first && n === 0 && i === active ? (closing ? 9 : 7) : 6}
                  tabIndex={0}
                  role="button"
                  aria-label={t('picture.corner', { n: n + 1, m: each.points.length })}
                  data-chosen={(chosen?.shape === i && chosen.corner === n) || undefined}
                  data-first={(drawing && i === active && n === 0) || undefined}
                  onFocus={() => {
                    setChosen({ shape: i, corner: n });
                    setCross(null);
                  }}
                />
              );
            }),
          )}
          {pointer?.(hover ? toPicture(rect, hover) : null, placed)}
        </svg>
      </>
    );
  };

  return (
    <div className="picture-editor">
      <div className="picture-tools" role="toolbar" aria-label={t('picture.tools')}>
        <Tool label={t('picture.undo')} disabled={history.past.length === 0} onClick={() => step(undone)} Icon={Undo2} />
        <Tool label={t('picture.redo')} disabled={history.future.length === 0} onClick={() => step(redone)} Icon={Redo2} />
        <Tool
          label={t('picture.clear')}
          disabled={!shape || shape.points.length === 0}
          onClick={() => {
            if (shape) change(active, { ...shape, points: [], open: false });
            setChosen(null);
            canvas.current?.focus();
          }}
          Icon={Eraser}
        />
        <span className="picture-gap" />
        <Tool label={t('picture.zoom_out')} disabled={view.zoom <= 1} onClick={() => zoom(1 / 1.5)} Icon={ZoomOut} />
        <Tool label={t('picture.zoom_in')} onClick={() => zoom(1.5)} Icon={ZoomIn} />
        <Tool label={t('picture.whole')} disabled={view.zoom <= 1} onClick={() => setView(WHOLE)} Icon={Maximize} />
        {!url && <Tool label={t(live ? 'picture.still' : 'picture.live')} onClick={() => setLive(!live)} Icon={live ? Image : Video} />}
        {tools}
      </div>
      <PictureFrame camera={camera} source={url ? { url } : live ? 'live' : 'still'} view={view}>
        {overlay}
      </PictureFrame>
      <p className={wrong ? 'picture-hint picture-wrong' : 'picture-hint'} role="status" data-testid="picture-hint">
        {wrong ? t(`picture.problem.${wrong}`) : hint()}
      </p>
    </div>
  );
}

function Tool({ label, Icon, ...rest }: { label: string; Icon: typeof Undo2; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" className="button icon small" title={label} aria-label={label} {...rest}>
      <Icon size={16} aria-hidden />
    </button>
  );
}

/** Where the keys would put the next corner. */
function Cross({ at: [x, y] }: { at: Point }) {
  return (
    <g className="shape-cross">
      <line x1={x - 14} y1={y} x2={x + 14} y2={y} />
      <line x1={x} y1={y - 14} x2={x} y2={y + 14} />
    </g>
  );
}
