import { describe, expect, it } from 'vitest';
import { boxesIn, BoxSplitter, timescaleOf, timesOf } from './boxes';

const words = (...values: number[]) => values.flatMap((value) => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const box = (type: string, ...content: number[][]): number[] => {
  const inside = content.flat();
  return [...words(8 + inside.length), ...[...type].map((letter) => letter.charCodeAt(0)), ...inside];
};
const bytes = (list: number[]) => new Uint8Array(list);

/** As the recorder writes it: 64-bit decode time; duration, size, flags and composition of every frame. */
const moof = (high: number, low: number, frames: [duration: number, composition: number][]) =>
  box(
    'moof',
    box('mfhd', words(0, 1)),
    box(
      'traf',
      box('tfhd', words(0x020000, 1)),
      box('tfdt', words(0x01000000, high, low)),
      box('trun', words(0x01000f01, frames.length, 100), ...frames.map(([duration, composition]) => words(duration, 500, 0, composition))),
    ),
  );

describe('boxes', () => {
  it('are cut where they end, and one that is not whole is left out', () => {
    const all = bytes([...box('ftyp', words(1, 2)), ...box('free'), ...words(20)]);
    expect(boxesIn(all).map((each) => [each.type, each.bytes.length])).toEqual([
      ['ftyp', 16],
      ['free', 8],
    ]);
    expect(() => boxesIn(bytes([...words(3), 0, 0, 0, 0]))).toThrow('3 bytes');
  });

  it('come whole out of a stream, however it is cut', () => {
    const all = bytes([...box('ftyp', words(7)), ...box('moof', words(1, 2, 3)), ...box('mdat', words(4, 5))]);
    for (let size = 1; size < all.length; size++) {
      const splitter = new BoxSplitter();
      const found: string[] = [];
      for (let at = 0; at < all.length; at += size) found.push(...splitter.push(all.slice(at, at + size)).map((each) => each.type + each.bytes.length));
      expect(found).toEqual(['ftyp12', 'moof20', 'mdat16']);
      expect(splitter.waiting).toBe(0);
    }
  });
});

describe('times of a fragment', () => {
  it('are read with the 64-bit decode time of a recording', () => {
    // 6 years in 1/90000 s needs 45 bits.
    const decode = 6 * 365 * 86_400 * 90_000;
    const times = timesOf(bytes(moof(Math.floor(decode / 2 ** 32), decode >>> 0, [[9000, 0], [9000, 0], [4500, 0]])));
    expect(times).toEqual({ decode, shown: [decode, decode + 9000, decode + 18_000], end: decode + 22_500 });
  });

  it('follow the order of showing, not of decoding, also before the first decode time', () => {
    const times = timesOf(bytes(moof(0, 90_000, [[3000, 3000], [3000, 6000], [3000, -3000], [3000, -3000]])));
    expect(times.shown).toEqual([93_000, 93_000, 96_000, 99_000]);
  });

  it('take the duration of the track header where the run has none', () => {
    const plain = box(
      'moof',
      box('traf', box('tfhd', words(0x020008, 1, 512)), box('tfdt', words(0, 1024)), box('trun', words(0x000200, 2, 10, 11))),
    );
    expect(timesOf(bytes(plain))).toEqual({ decode: 1024, shown: [1024, 1536], end: 2048 });
  });

  it('have a time scale in the movie box, in both of its versions', () => {
    const movie = (mdhd: number[]) => bytes(box('moov', box('mvhd', words(0)), box('trak', box('tkhd', words(0)), box('mdia', mdhd))));
    expect(timescaleOf(movie(box('mdhd', words(0, 0, 0, 48_000, 0))))).toBe(48_000);
    expect(timescaleOf(movie(box('mdhd', words(0x01000000, 0, 0, 0, 0, 12_800, 0, 0))))).toBe(12_800);
    expect(() => timescaleOf(bytes(box('moov', box('mvhd', words(0)))))).toThrow('no media header');
  });
});
