/**
 * Where a picture lies in the box on the screen that shows it: whole (letterboxed where the shapes differ) or enlarged.
 * Picture coordinates are normalised, 0..1 of its width and height, origin top left; the box's are CSS pixels. Pure.
 */

/** Normalised x and y, or pixels in a box, as the function says. */
export type Point = [number, number];

export interface Box {
  width: number;
  height: number;
}

export interface Rect extends Box {
  left: number;
  top: number;
}

/** `zoom` 1 is the whole picture; `cx`, `cy` is the normalised point that is wanted in the middle. */
export interface View {
  zoom: number;
  cx: number;
  cy: number;
}

export const WHOLE: View = { zoom: 1, cx: 0.5, cy: 0.5 };
export const MOST_ZOOM = 12;

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** Where a picture of this shape (`aspect` = width / height, above 0) lies in the box; nothing beside it is wasted. */
export function place(box: Box, aspect: number, view: View = WHOLE): Rect {
  const fitted = Math.min(box.width, box.height * aspect);
  const width = fitted * view.zoom;
  const height = (fitted / aspect) * view.zoom;
  const along = (room: number, size: number, centre: number) =>
    size <= room ? (room - size) / 2 : clamp(room / 2 - centre * size, room - size, 0);
  return { left: along(box.width, width, view.cx), top: along(box.height, height, view.cy), width, height };
}

/** From pixels in the box to the picture; may lie outside 0..1. */
export const toPicture = (rect: Rect, [x, y]: Point): Point => [(x - rect.left) / rect.width, (y - rect.top) / rect.height];

/** From the picture to pixels in the box. */
export const toBox = (rect: Rect, [x, y]: Point): Point => [rect.left + x * rect.width, rect.top + y * rect.height];

/** The nearest point that is in the picture. */
export const within = ([x, y]: Point): Point => [clamp(x, 0, 1), clamp(y, 0, 1)];

function looking(box: Box, aspect: number, zoom: number, left: number, top: number): View {
  const { width, height } = place(box, aspect, { zoom, cx: 0.5, cy: 0.5 });
  return { zoom, cx: clamp((box.width / 2 - left) / width, 0, 1), cy: clamp((box.height / 2 - top) / height, 0, 1) };
}

/** Enlarged by `factor` so that what is under the pixel `at` stays there. */
export function zoomed(box: Box, aspect: number, view: View, factor: number, at: Point): View {
  const zoom = clamp(view.zoom * factor, 1, MOST_ZOOM);
  const before = place(box, aspect, view);
  const [px, py] = toPicture(before, at);
  const by = zoom / view.zoom;
  return looking(box, aspect, zoom, at[0] - px * before.width * by, at[1] - py * before.height * by);
}

/** Moved by so many pixels, as far as there is picture. */
export function panned(box: Box, aspect: number, view: View, dx: number, dy: number): View {
  const rect = place(box, aspect, view);
  const moved = looking(box, aspect, view.zoom, rect.left + dx, rect.top + dy);
  const shown = place(box, aspect, moved);
  return looking(box, aspect, view.zoom, shown.left, shown.top);
}

/** Moved just so far that the point (normalised) is at least `margin` pixels inside the box. */
export function showing(box: Box, aspect: number, view: View, point: Point, margin = 24): View {
  const [x, y] = toBox(place(box, aspect, view), point);
  const far = (value: number, room: number) => (value < margin ? margin - value : value > room - margin ? room - margin - value : 0);
  const [dx, dy] = [far(x, box.width), far(y, box.height)];
  return dx === 0 && dy === 0 ? view : panned(box, aspect, view, dx, dy);
}
