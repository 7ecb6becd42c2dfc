import { describe, expect, it } from 'vitest';
import { stopAfter } from './keepTab';

describe('Tab in a dialog', () => {
  it('goes round at both ends', () => {
    expect(stopAfter(3, 4, false)).toBe(0);
    expect(stopAfter(0, 4, true)).toBe(3);
  });

  it('is the browser\'s own in between', () => {
    expect(stopAfter(1, 4, false)).toBeNull();
    expect(stopAfter(2, 4, true)).toBeNull();
  });

  it('backwards from the dialog itself leads to its end, not out of it', () => {
    expect(stopAfter(-1, 4, true)).toBe(3);
    expect(stopAfter(-1, 4, false)).toBeNull();
    expect(stopAfter(-1, 0, true)).toBeNull();
  });
});
