import { describe, expect, it } from 'vitest';
import type { LonLat } from '../../api/types';
import { cornerByKey } from './outline';

const set = (...corners: LonLat[]) =>
  corners.reduce<{ corners: LonLat[]; closed: boolean }>((held, at) => cornerByKey(held.corners, at), { corners: [], closed: false });

describe('an outline set with the keys', () => {
  it('is closed by its last corner once more', () => {
    expect(set([0, 0], [1, 0], [1, 1])).toEqual({ corners: [[0, 0], [1, 0], [1, 1]], closed: false });
    expect(set([0, 0], [1, 0], [1, 1], [1, 1])).toEqual({ corners: [[0, 0], [1, 0], [1, 1]], closed: true });
  });

  it('is not closed before it is an area, and takes no corner twice', () => {
    expect(set([0, 0], [0, 0], [1, 0], [1, 0])).toEqual({ corners: [[0, 0], [1, 0]], closed: false });
  });
});
