import { describe, expect, it } from 'vitest';
import { FrameTable } from './frames';

describe('frame table', () => {
  const table = new FrameTable();
  table.put('b', [1000, 1033.4, 1066.8]);
  table.put('a', [900, 940, 960]);

  it('steps by true frame times, over the border of pieces', () => {
    expect(table.next(960)).toBe(1000);
    expect(table.previous(1000)).toBe(960);
    expect(table.next(1010)).toBe(1033.4);
    expect(table.previous(1010)).toBe(960);
    expect(table.at(1010)).toBe(1000);
  });

  it('goes through all frames and back without missing one', () => {
    const forward: number[] = [];
    for (let at: number | null = 900; at !== null; at = table.next(at)) forward.push(at);
    expect(forward).toEqual([900, 940, 960, 1000, 1033.4, 1066.8]);
    const back: number[] = [];
    for (let at: number | null = 1066.8; at !== null; at = table.previous(at)) back.push(at);
    expect(back).toEqual([...forward].reverse());
  });

  it('says that it does not know, and forgets what is outside', () => {
    expect(table.at(899)).toBeNull();
    expect(table.previous(900)).toBeNull();
    table.keep(990, 2000);
    expect(table.at(950)).toBeNull();
    expect(table.at(1001)).toBe(1000);
  });
});
