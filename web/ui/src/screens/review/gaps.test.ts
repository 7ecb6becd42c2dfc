import { describe, expect, it } from 'vitest';
import { gapAt, nextRecorded, previousRecorded } from './gaps';

const iso = (ms: number) => new Date(ms).toISOString();
const row = { start_at: iso(10_000), end_at: iso(20_000), reason: 'unreachable', detail: 'timed out', why: null };

describe('gaps', () => {
  it('take their reason from the recorder and their ends from what was recorded', () => {
    expect(gapAt([row], { fromMs: 9_800, toMs: 20_300 }, 15_000)).toEqual({ fromMs: 9_800, toMs: 20_300, reason: 'unreachable', detail: 'timed out', why: null });
    expect(gapAt([row], { fromMs: null, toMs: null }, 15_000)).toMatchObject({ fromMs: 10_000, toMs: null });
    expect(gapAt([row], { fromMs: 1, toMs: null }, 25_000)).toEqual({ fromMs: 1, toMs: null, reason: null, detail: '', why: null });
  });

  it('end where the first of several cameras goes on', () => {
    const spans = (...starts: number[]) => starts.map((start) => ({ start_at: iso(start), end_at: iso(start + 5000) }));
    const rows = [spans(0, 40_000), spans(30_000)];
    expect(nextRecorded(rows, 10_000)).toBe(30_000);
    expect(nextRecorded(rows, 40_000)).toBeNull();
    expect(previousRecorded(rows, 35_000)).toBe(30_000);
    expect(previousRecorded(rows, 0)).toBeNull();
  });
});
