import { describe, expect, it } from 'vitest';
import { changed, colour, complete, inPicture, onMap, outside, pending, sent, without, type Draft } from './points';

const at = (drafts: Draft[]) => drafts.map(({ number, at: spot, place }) => [number, spot, place]);

describe('control points', () => {
  it('are completed by a click on the other side, whichever came first', () => {
    let drafts = inPicture([], [0.2, 0.3]);
    expect(pending(drafts)?.number).toBe(1);
    drafts = onMap(drafts, [120, 31]);
    expect(pending(drafts)).toBeUndefined();
    drafts = onMap(drafts, [121, 32]);
    drafts = inPicture(drafts, [0.5, 0.6]);
    expect(at(drafts)).toEqual([
      [1, [0.2, 0.3], [120, 31]],
      [2, [0.5, 0.6], [121, 32]],
    ]);
    expect(drafts.every(complete)).toBe(true);
  });

  it('move while they wait, and only then', () => {
    const drafts = inPicture(inPicture([], [0.2, 0.3]), [0.4, 0.4]);
    expect(at(drafts)).toEqual([[1, [0.4, 0.4], null]]);
  });

  it('take the number that is free', () => {
    let drafts = onMap(inPicture([], [0, 0]), [1, 1]);
    drafts = onMap(inPicture(drafts, [0.1, 0]), [1, 1]);
    drafts = inPicture(without(drafts, 1), [0.7, 0.7]);
    expect(drafts.map((each) => each.number)).toEqual([2, 1]);
    expect(colour(1)).not.toBe(colour(2));
  });

  it('are sent when both sides are known', () => {
    let drafts = onMap(inPicture([], [0.2, 0.3]), [120, 31]);
    drafts = inPicture(changed(drafts, 1, { up_m: 3 }), [0.9, 0.9]);
    expect(sent(drafts)).toEqual([{ number: 1, x: 0.2, y: 0.3, lon: 120, lat: 31, up_m: 3 }]);
  });
});

describe('the map while a point is nudged over it', () => {
  it('stays while the point is well within', () => {
    expect(outside([200, 100], 400, 200)).toEqual([0, 0]);
  });

  it('goes after it over any edge', () => {
    expect(outside([10, 190], 400, 200)).toEqual([-14, 14]);
    expect(outside([390, 4], 400, 200)).toEqual([14, -20]);
  });
});
