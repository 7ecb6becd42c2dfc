import { describe, expect, it } from 'vitest';
import { tabAfter } from './tabKeys';

describe('the arrows in a row of tabs', () => {
  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 2, 0],
    ['ArrowLeft', 0, 2],
    ['Home', 1, 0],
    ['End', 0, 2],
  ])('%s from %s leads to %s', (key, at, to) => expect(tabAfter(key, at, 3)).toBe(to));

  it('leave every other key alone, and a row without tabs', () => {
    expect(tabAfter('a', 0, 3)).toBeNull();
    expect(tabAfter('ArrowRight', -1, 0)).toBeNull();
  });
});
