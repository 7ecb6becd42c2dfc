/** Pointer and touch on the drawing: what is under it, what moves with it, and two fingers for a closer look. */
import { useRef, type PointerEvent, type RefObject } from 'react';
import { inside, nearestCorner, nearestEdge, shifted } from './geometry';
import type { Placed } from './PictureFrame';
import { closed, extended, finished, inserted, most, replaced, unfinished, type Shape } from './shapes';
import { panned, place, toBox, toPicture, within, zoomed, type Point, type View } from './view';

const REACH_PX = 10;
const TOUCH_PX = 22;
const DRAG_PX = 6;
/** This near to the picture's edge a corner goes to the edge. */
const EDGE_PX = 6;

export interface Chosen {
  shape: number;
  /** -1: the shape as a whole. */
  corner: number;
}

interface Gesture {
  kind: 'corner' | 'whole' | 'pan' | 'pinch' | 'none';
  shape: number;
  corner: number;
  from: Point;
  before: readonly Shape[];
  view: View;
  moved: boolean;
}

export interface Drawing {
  shapes: readonly Shape[];
  active: number;
  view: View;
  placed: RefObject<Placed | null>;
  onShapes: (shapes: Shape[]) => void;
  onActive: (index: number) => void;
  onView: (view: View) => void;
  /** A gesture is over and changed something: what stood before it. */
  onDone: (before: readonly Shape[]) => void;
  onChosen: (chosen: Chosen | null) => void;
}

export interface Under {
  shape: number;
  corner: number;
  edge: { after: number; at: Point } | null;
  whole: boolean;
}

/** What of the shapes is under a pixel of the box, the active one first. */
export function under(shapes: readonly Shape[], active: number, placed: Placed, px: Point, reach: number): Under | null {
  const order = [active, ...shapes.map((_, i) => i).reverse()].filter((i, n, all) => i >= 0 && all.indexOf(i) === n);
  const pixels = (shape: Shape) => shape.points.map((point) => toBox(placed.rect, point));
  for (const index of order) {
    const shape = shapes[index];
    if (!shape) continue;
    const corner = nearestCorner(pixels(shape), px, reach);
    if (corner >= 0) return { shape: index, corner, edge: null, whole: false };
  }
  for (const index of order) {
    const shape = shapes[index];
    if (!shape || shape.kind === 'points') continue;
    const points = pixels(shape);
    const edge = nearestEdge(points, closed(shape), px, reach);
    if (edge) return { shape: index, corner: -1, edge: points.length < most(shape.kind) ? edge : null, whole: true };
    if (closed(shape) && inside(points, px)) return { shape: index, corner: -1, edge: null, whole: true };
  }
  return null;
}

export function useGestures(drawing: Drawing) {
  const gesture = useRef<Gesture | null>(null);
  const fingers = useRef(new Map<number, Point>());
  const now = useRef(drawing);
  now.current = drawing;

  const pixel = (event: PointerEvent): Point => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  };
  const snapped = (placed: Placed, px: Point): Point => {
    const { rect } = placed;
    const near = (value: number, low: number, size: number) => (Math.abs(value - low) < EDGE_PX ? low : Math.abs(value - low - size) < EDGE_PX ? low + size : value);
    return toPicture(rect, [near(px[0], rect.left, rect.width), near(px[1], rect.top, rect.height)]);
  };
  /** Kept at once: the next move may come before the next drawing of the screen. */
  const set = (shapes: readonly Shape[]) => {
    now.current = { ...now.current, shapes };
    now.current.onShapes([...shapes]);
  };
  const put = (index: number, shape: Shape) => set(now.current.shapes.map((each, i) => (i === index ? shape : each)));
  const spread = (): { at: Point; apart: number } => {
    const [a, b] = [...fingers.current.values()] as [Point, Point];
    return { at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
  };
  const pinch = useRef({ at: [0, 0] as Point, apart: 1 });

  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    const { shapes, active, view, placed: ref } = now.current;
    const placed = ref.current;
    if (!placed || event.button > 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const px = pixel(event);
    fingers.current.set(event.pointerId, px);
    const start = (kind: Gesture['kind'], shape: number, corner: number) => {
      gesture.current = { kind, shape, corner, from: px, before: shapes, view, moved: false };
    };
    if (fingers.current.size === 2) {
      // A second finger: what the first began was not meant.
      if (gesture.current && gesture.current.before !== shapes) set(gesture.current.before);
      pinch.current = spread();
      start('pinch', -1, -1);
      return;
    }
    if (event.button === 1) {
      event.preventDefault();
      start('pan', -1, -1);
      return;
    }
    const reach = event.pointerType === 'mouse' ? REACH_PX : TOUCH_PX;
    const shape = shapes[active];
    if (shape && unfinished(shape)) {
      // A press beside the picture counts where its corner would go: the first one is closed from there too.
      const corner = nearestCorner(shape.points.map((point) => toBox(placed.rect, point)), toBox(placed.rect, within(snapped(placed, px))), reach);
      if (shape.kind === 'area' && corner === 0 && shape.points.length >= 3) {
        start('none', active, -1);
        put(active, finished(shape));
        now.current.onDone(shapes);
        return;
      }
      if (corner >= 0) {
        start('corner', active, corner);
        now.current.onChosen({ shape: active, corner });
        return;
      }
      start('corner', active, shape.points.length);
      put(active, extended(shape, snapped(placed, px)));
      now.current.onChosen({ shape: active, corner: shape.points.length });
      return;
    }
    const hit = under(shapes, active, placed, px, reach);
    if (!hit) {
      now.current.onChosen(null);
      start('pan', -1, -1);
      return;
    }
    now.current.onActive(hit.shape);
    const own = shapes[hit.shape] as Shape;
    if (hit.corner >= 0) start('corner', hit.shape, hit.corner);
    else if (hit.edge) {
      start('corner', hit.shape, hit.edge.after + 1);
      put(hit.shape, inserted(own, hit.edge.after, toPicture(placed.rect, hit.edge.at)));
    } else start('whole', hit.shape, -1);
    now.current.onChosen({ shape: hit.shape, corner: gesture.current?.corner ?? -1 });
  };

  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const { shapes, view, placed: ref } = now.current;
    const placed = ref.current;
    const going = gesture.current;
    if (!placed || !fingers.current.has(event.pointerId)) return;
    const px = pixel(event);
    fingers.current.set(event.pointerId, px);
    if (!going) return;
    if (going.kind === 'pinch') {
      if (fingers.current.size < 2) return;
      const { at, apart } = spread();
      const before = pinch.current;
      const closer = zoomed(placed.box, placed.aspect, view, apart / Math.max(1, before.apart), before.at);
      now.current.onView(panned(placed.box, placed.aspect, closer, at[0] - before.at[0], at[1] - before.at[1]));
      pinch.current = { at, apart };
      return;
    }
    if (!going.moved && Math.hypot(px[0] - going.from[0], px[1] - going.from[1]) < DRAG_PX) return;
    going.moved = true;
    if (going.kind === 'pan') {
      now.current.onView(panned(placed.box, placed.aspect, going.view, px[0] - going.from[0], px[1] - going.from[1]));
    } else if (going.kind === 'corner') {
      const shape = shapes[going.shape];
      if (!shape) return;
      const two = shape.kind === 'line' || shape.kind === 'arrow' || shape.kind === 'gauge';
      if (two && shape.points.length === 1) {
        // Drawn in one stroke: where it was pressed is its first end.
        going.corner = 1;
        put(going.shape, extended(shape, snapped(placed, px)));
        now.current.onChosen({ shape: going.shape, corner: 1 });
      } else put(going.shape, replaced(shape, going.corner, snapped(placed, px)));
    } else if (going.kind === 'whole') {
      const shape = going.before[going.shape];
      const rect = place(placed.box, placed.aspect, view);
      if (shape) put(going.shape, { ...shape, points: shifted(shape.points, (px[0] - going.from[0]) / rect.width, (px[1] - going.from[1]) / rect.height) });
    }
  };

  const onPointerUp = (event: PointerEvent<SVGSVGElement>) => {
    fingers.current.delete(event.pointerId);
    const going = gesture.current;
    gesture.current = null;
    if (!going || going.kind === 'pan' || going.kind === 'pinch' || going.kind === 'none') return;
    if (now.current.shapes !== going.before && going.before.some((each, i) => each !== now.current.shapes[i])) now.current.onDone(going.before);
  };

  /** The browser took the pointer away: what it did is taken back. */
  const onPointerCancel = (event: PointerEvent<SVGSVGElement>) => {
    fingers.current.delete(event.pointerId);
    const going = gesture.current;
    gesture.current = null;
    if (going && going.before !== now.current.shapes) set(going.before);
  };

  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel };
}

