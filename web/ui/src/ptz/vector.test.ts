import { describe, expect, it } from 'vitest';
import { KEY_SPEED, keysVector, padVector, REST, rests, together } from './vector';

describe('the pad', () => {
  it('means nothing in the middle and full speed at the edge and beyond', () => {
    expect(padVector(0.1, -0.1)).toEqual(REST);
    expect(padVector(1, 0)).toEqual({ pan: 1, tilt: 0, zoom: 0 });
    expect(padVector(0, -3)).toEqual({ pan: 0, tilt: 1, zoom: 0 });
    expect(padVector(0, 1).tilt).toBe(-1);
  });

  it('keeps the direction and is gentle near the middle', () => {
    const near = padVector(0.3, -0.3);
    expect(near.pan).toBeCloseTo(near.tilt, 6);
    expect(near.pan).toBeLessThan(0.2);
    expect(near.pan).toBeGreaterThan(0);
  });

  it('never asks for more than a camera does', () => {
    for (let dx = -2; dx <= 2; dx += 0.13) {
      for (let dy = -2; dy <= 2; dy += 0.17) {
        const { pan, tilt } = padVector(dx, dy);
        expect(Math.hypot(pan, tilt)).toBeLessThanOrEqual(1.01);
      }
    }
  });
});

describe('keys', () => {
  it('turn, zoom, cancel each other, and hurry with Shift', () => {
    expect(keysVector(new Set(['ArrowUp', '+']))).toEqual({ pan: 0, tilt: KEY_SPEED, zoom: KEY_SPEED });
    expect(rests(keysVector(new Set(['ArrowLeft', 'ArrowRight'])))).toBe(true);
    expect(keysVector(new Set(['ArrowLeft']), true).pan).toBe(-1);
  });
});

it('adds up what several hands want, within bounds', () => {
  expect(together({ pan: 0.8, tilt: 0, zoom: 0 }, { pan: 0.5, tilt: -0.5, zoom: 1 })).toEqual({ pan: 1, tilt: -0.5, zoom: 1 });
  expect(rests(together())).toBe(true);
});
