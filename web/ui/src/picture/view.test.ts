import { describe, expect, it } from 'vitest';
import { MOST_ZOOM, panned, place, showing, toBox, toPicture, WHOLE, zoomed, type Point } from './view';

const WIDE = { width: 1600, height: 900 };
const TALL = { width: 390, height: 700 };

describe('place', () => {
  it('letterboxes above and below, and at the sides', () => {
    expect(place(TALL, 16 / 9)).toEqual({ left: 0, top: (700 - 390 * (9 / 16)) / 2, width: 390, height: 390 * (9 / 16) });
    expect(place(WIDE, 4 / 3)).toEqual({ left: 200, top: 0, width: 1200, height: 900 });
  });

  it('maps the corners of the picture, whatever its form and the box', () => {
    for (const aspect of [4 / 3, 16 / 9, 9 / 16, 32 / 9, 1]) {
      for (const box of [WIDE, TALL]) {
        const rect = place(box, aspect);
        expect(rect.width / rect.height).toBeCloseTo(aspect);
        expect(rect.left).toBeGreaterThanOrEqual(0);
        expect(rect.top).toBeGreaterThanOrEqual(0);
        expect(Math.min(rect.left, rect.top)).toBeCloseTo(0);
        for (const corner of [[0, 0], [1, 1], [0.25, 0.75]] as Point[]) {
          const [x, y] = toPicture(rect, toBox(rect, corner));
          expect(x).toBeCloseTo(corner[0]);
          expect(y).toBeCloseTo(corner[1]);
        }
      }
    }
  });
});

describe('zoom and pan', () => {
  it('keeps what is under the pointer, and never shows beyond the picture', () => {
    const at: Point = [1000, 300];
    let view = WHOLE;
    const before = toPicture(place(WIDE, 16 / 9), at);
    for (let i = 0; i < 5; i += 1) view = zoomed(WIDE, 16 / 9, view, 1.4, at);
    const rect = place(WIDE, 16 / 9, view);
    const after = toPicture(rect, at);
    expect(after[0]).toBeCloseTo(before[0]);
    expect(after[1]).toBeCloseTo(before[1]);
    const far = place(WIDE, 16 / 9, panned(WIDE, 16 / 9, view, 1e5, -1e5));
    expect(far.left).toBeCloseTo(0);
    expect(far.top + far.height).toBeCloseTo(WIDE.height);
  });

  it('comes back at once from a pan that went too far', () => {
    const close = zoomed(WIDE, 16 / 9, WHOLE, 2, [800, 450]);
    const there = panned(WIDE, 16 / 9, close, 1e5, 0);
    const back = place(WIDE, 16 / 9, panned(WIDE, 16 / 9, there, -10, 0));
    expect(back.left).toBeCloseTo(-10);
  });

  it('stops at the whole picture and at the largest', () => {
    expect(zoomed(WIDE, 16 / 9, WHOLE, 0.5, [0, 0]).zoom).toBe(1);
    expect(zoomed(WIDE, 16 / 9, WHOLE, 1e3, [0, 0]).zoom).toBe(MOST_ZOOM);
  });

  it('moves only as far as a point needs to be seen', () => {
    const close = zoomed(WIDE, 16 / 9, WHOLE, 4, [800, 450]);
    expect(showing(WIDE, 16 / 9, close, [0.5, 0.5])).toBe(close);
    const moved = showing(WIDE, 16 / 9, close, [0.3, 0.5]);
    expect(toBox(place(WIDE, 16 / 9, moved), [0.3, 0.5])[0]).toBeCloseTo(24);
  });
});
