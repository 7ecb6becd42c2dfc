import { describe, expect, it } from 'vitest';
import { fromMediaS, holeAt, lastBefore, MEDIA_EPOCH_MS, pieceAt, piecesOf, toMediaS, type IndexFile } from './pieces';

const START = Date.UTC(2026, 2, 1, 8);
const file = (id: number, startMs: number, count: number, length_s = 1): IndexFile => ({
  id,
  start_at: new Date(startMs).toISOString(),
  codec: 'avc1.640028',
  width_px: 320,
  height_px: 180,
  init_bytes: 700,
  audio: null,
  parts: [],
  fragments: Array.from({ length: count }, (_, i) => [700 + i * 1000, 900, 1000, i * length_s * 90_000, length_s * 90_000] as const),
});

describe('pieces', () => {
  const pieces = piecesOf([file(2, START + 10_000, 3), file(1, START, 5)]);

  it('stand in the order of time, with the moments they show', () => {
    expect(pieces.map((piece) => piece.fileId)).toEqual([1, 1, 1, 1, 1, 2, 2, 2]);
    expect(pieces[1]).toMatchObject({ startMs: START + 1000, endMs: START + 2000, offset: 1700, video: [[1700, 900]], bytes: 1000 });
  });

  it('are found by the moment, from the first to the last millisecond', () => {
    expect(pieceAt(pieces, START)?.key).toBe('1:700');
    expect(pieceAt(pieces, START + 999.9)?.key).toBe('1:700');
    expect(pieceAt(pieces, START + 1000)?.key).toBe('1:1700');
    expect(pieceAt(pieces, START - 1)).toBeNull();
    expect(lastBefore(pieces, START - 1)).toBe(-1);
  });

  it('are whole groups of pictures, also where one was written in parts', () => {
    const long = piecesOf([{ ...file(1, START, 5), parts: [2, 3] }]);
    expect(long.map((piece) => piece.video.length)).toEqual([1, 3, 1]);
    expect(long[1]).toMatchObject({ startMs: START + 1000, endMs: START + 4000, offset: 1700, bytes: 3000 });
    expect(pieceAt(long, START + 3500)).toBe(long[1]);
  });

  it('leave a gap between the files, and say what surrounds it', () => {
    expect(pieceAt(pieces, START + 7000)).toBeNull();
    expect(holeAt(pieces, START + 7000)).toEqual({ fromMs: START + 5000, toMs: START + 10_000 });
    expect(holeAt(pieces, START + 20_000)).toEqual({ fromMs: START + 13_000, toMs: null });
    expect(holeAt(pieces, START - 1)).toEqual({ fromMs: null, toMs: START });
  });

  it('bridge a hole of a few frames by the piece before it', () => {
    const close = piecesOf([file(1, START, 2), file(2, START + 2300, 2)]);
    expect(pieceAt(close, START + 2200)?.key).toBe('1:1700');
    expect(pieceAt(close, START + 2300)?.key).toBe('2:700');
  });

  it('keep media time and wall time the same thing', () => {
    expect(toMediaS(MEDIA_EPOCH_MS)).toBe(0);
    expect(fromMediaS(toMediaS(START + 123))).toBe(START + 123);
  });
});
