import { describe, expect, it } from 'vitest';
import type { Piece } from './pieces';
import { aheadMs, isBuffered, nextRun, toForget, type Wish } from './plan';

const SECOND = 1000;
const piece = (n: number, fileId = 1, startMs = n * SECOND): Piece => ({
  key: `${fileId}:${n}`,
  fileId,
  codec: 'avc1.640028',
  audio: false,
  video: [[n * 100_000, 100_000]],
  offset: n * 100_000,
  bytes: 100_000,
  startMs,
  endMs: startMs + SECOND,
});
const minute = Array.from({ length: 60 }, (_, n) => piece(n));
const playing = (nowMs: number, rate = 1): Wish => ({ nowMs, rate, playing: true });
const paused = (nowMs: number): Wish => ({ nowMs, rate: 1, playing: false });
const keys = (run: Piece[]) => run.map((each) => each.key);

/** Fetches as the player does, until nothing is left to do; every request's pieces. */
function requests(pieces: readonly Piece[], wish: Wish): string[][] {
  const held = new Set<string>();
  const made: string[][] = [];
  for (;;) {
    const run = nextRun(pieces, wish, (each) => held.has(each.key));
    if (run.length === 0) return made;
    run.forEach((each) => held.add(each.key));
    made.push(keys(run));
  }
}

describe('what is fetched', () => {
  it('begins with the one piece that shows the moment', () => {
    expect(requests(minute, playing(20_500))[0]).toEqual(['1:20']);
    expect(requests(minute, paused(20_500))[0]).toEqual(['1:20']);
  });

  it('goes on fifteen seconds ahead, several pieces a request, and no further', () => {
    const all = requests(minute, playing(20_500)).flat();
    expect(all).toEqual(Array.from({ length: 16 }, (_, n) => `1:${20 + n}`));
    expect(requests(minute, playing(20_500)).length).toBeLessThan(6);
  });

  it('has the neighbours ready at rest, for steps of a frame', () => {
    const all = requests(minute, paused(20_500)).flat();
    expect(all).toContain('1:19');
    expect(all).toContain('1:21');
    expect(all.length).toBeLessThan(7);
  });

  it('looks further ahead the faster it goes', () => {
    expect(aheadMs(playing(0, 4))).toBe(4 * aheadMs(playing(0, 1)));
    expect(aheadMs(playing(0, 0.25))).toBe(aheadMs(playing(0, 1)));
  });

  it('makes no request over the end of a file or over a hole', () => {
    const files = [piece(0), piece(1), piece(2, 2), piece(3, 2), { ...piece(5, 2), offset: 900_000 }];
    for (const run of requests(files, playing(0))) expect(new Set(run.map((key) => key[0])).size).toBe(1);
    expect(requests(files, playing(0))).toEqual([['1:0'], ['1:1'], ['2:2', '2:3'], ['2:5']]);
  });

  it('prepares what comes after a gap that ends soon, and nothing inside a long one', () => {
    const late = [piece(0), piece(1, 2, 30_000)];
    expect(requests(late, playing(20_000))).toEqual([['2:1']]);
    expect(requests(late, playing(5_000))).toEqual([]);
  });

  it('keeps one request within four megabytes', () => {
    const large = minute.map((each, n) => ({ ...each, bytes: 3_000_000, offset: n * 3_000_000 }));
    for (const run of requests(large, playing(0))) expect(run.length).toBe(1);
  });
});

describe('what the browser holds', () => {
  it('counts as there when both ends are, give or take a frame', () => {
    expect(isBuffered([[10, 20]], 12, 13)).toBe(true);
    expect(isBuffered([[12.08, 20]], 12, 13)).toBe(true);
    expect(isBuffered([[12.4, 20]], 12, 13)).toBe(false);
    expect(isBuffered([[10, 12.5], [12.6, 14]], 12, 13)).toBe(false);
    expect(isBuffered([], 12, 13)).toBe(false);
  });

  it('is forgotten far behind and far ahead of the moment only', () => {
    expect(toForget([[90, 110]], 100, playing(100_000))).toEqual([]);
    expect(toForget([[10, 110]], 100, playing(100_000))).toEqual([[0, 70]]);
    expect(toForget([[95, 99], [300, 400]], 100, playing(100_000))).toEqual([[160, Infinity]]);
  });
});
