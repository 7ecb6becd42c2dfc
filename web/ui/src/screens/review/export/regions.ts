/** Rectangles drawn over a picture, in thousandths of its width and height, as an export's mask takes them. Pure. */

export const FULL = 1000;
export const LEAST = 10;

export interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export type Polygon = [number, number][];

const clamp = (value: number) => Math.round(Math.min(FULL, Math.max(0, value)));

/** Between two points, whichever was first; null where hardly anything lies between them. */
export function fromCorners(a: readonly [number, number], b: readonly [number, number]): Region | null {
  const region = {
    left: clamp(Math.min(a[0], b[0])),
    top: clamp(Math.min(a[1], b[1])),
    right: clamp(Math.max(a[0], b[0])),
    bottom: clamp(Math.max(a[1], b[1])),
  };
  return region.right - region.left < LEAST || region.bottom - region.top < LEAST ? null : region;
}

/** Where a new region without a pointer begins: a quarter of the picture in its middle. */
export const MIDDLE: Region = { left: 375, top: 375, right: 625, bottom: 625 };

/** Moved as a whole, staying inside the picture. */
export function moved({ left, top, right, bottom }: Region, x: number, y: number): Region {
  const dx = Math.min(FULL - right, Math.max(-left, x));
  const dy = Math.min(FULL - bottom, Math.max(-top, y));
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}

/** Its lower right corner moved. */
export function grown(region: Region, x: number, y: number): Region {
  return {
    ...region,
    right: Math.min(FULL, Math.max(region.left + LEAST, region.right + x)),
    bottom: Math.min(FULL, Math.max(region.top + LEAST, region.bottom + y)),
  };
}

export function toPolygon({ left, top, right, bottom }: Region): Polygon {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}
