import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AGAIN_MS, CHANGE_MS, Drive } from './drive';
import { REST, type Vector } from './vector';

const right: Vector = { pan: 0.5, tilt: 0, zoom: 0 };
const up: Vector = { pan: 0, tilt: 0.5, zoom: 0 };

/** A camera that writes down what it is told and answers when it is let. */
function camera() {
  const log: (Vector | 'stop')[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const errors: unknown[] = [];
  const answer = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  const drive = new Drive({
    move: (vector) => {
      log.push(vector);
      return answer();
    },
    stop: () => {
      log.push('stop');
      return answer();
    },
    failed: (error) => errors.push(error),
  });
  const settle = async (how: 'resolve' | 'reject' = 'resolve') => {
    const next = waiting.shift();
    if (how === 'resolve') next?.resolve();
    else next?.reject(new Error('no answer'));
    await vi.advanceTimersByTimeAsync(0);
  };
  return { drive, log, errors, settle };
}

describe('Drive', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('moves at once, repeats while held, and stops once when let go', async () => {
    const { drive, log, settle } = camera();
    drive.want(right);
    await settle();
    await vi.advanceTimersByTimeAsync(AGAIN_MS);
    expect(log).toEqual([right, right]);
    await settle();
    drive.want(REST);
    await settle();
    await vi.advanceTimersByTimeAsync(AGAIN_MS * 3);
    expect(log).toEqual([right, right, 'stop']);
  });

  it('keeps one command under way; the newest wish wins and a stop is never lost', async () => {
    const { drive, log, settle } = camera();
    drive.want(right);
    drive.want(up);
    drive.want(REST);
    expect(log).toEqual([right]);
    await settle();
    expect(log).toEqual([right, 'stop']);
  });

  it('does not flood the camera with small changes', async () => {
    const { drive, log, settle } = camera();
    drive.want(right);
    await settle();
    for (let i = 1; i <= 10; i += 1) drive.want({ ...right, tilt: i / 100 });
    expect(log).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(CHANGE_MS);
    expect(log).toEqual([right, { ...right, tilt: 0.1 }]);
  });

  it('gives up after a failure until it is pressed again', async () => {
    const { drive, log, errors, settle } = camera();
    drive.want(right);
    await settle('reject');
    await vi.advanceTimersByTimeAsync(AGAIN_MS * 3);
    expect([log.length, errors.length]).toEqual([1, 1]);
    drive.want(right);
    expect(log).toHaveLength(2);
  });

  it('stops what moves when it is closed, and moves nothing afterwards', async () => {
    const { drive, log, settle } = camera();
    drive.want(up);
    await settle();
    drive.close();
    await settle();
    drive.want(right);
    expect(log).toEqual([up, 'stop']);
  });
});
