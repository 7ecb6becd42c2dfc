import { describe, expect, it } from 'vitest';
import { packingTime } from './estimate';

describe('how long a package takes', () => {
  it('follows the bytes untouched and the length when masked', () => {
    expect(packingTime({ bytes: 4e9, recorded_s: 60 }, false)).toBe(120);
    expect(packingTime({ bytes: 4e9, recorded_s: 60 }, true)).toBe(20);
  });

  it('is never nothing, and rough where it is long', () => {
    expect(packingTime({ bytes: 10, recorded_s: 1 }, false)).toBe(5);
    expect(packingTime({ bytes: 1, recorded_s: 7200 }, true) % 300).toBe(0);
  });
});
