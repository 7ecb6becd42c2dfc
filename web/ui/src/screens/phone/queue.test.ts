import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/client';
import type { Assignment } from '../../api/types';
import { ActionQueue, type Action } from './queue';
import { after, nextStep } from './steps';

const row = (version: number, extra: Partial<Assignment> = {}): Assignment =>
  ({ id: 7, incident_id: 1001, unit_id: 3, state: 'dispatched', version, ...extra }) as Assignment;
const action = (step: Action['step'], key = step): Action => ({
  key,
  assignmentId: 7,
  step,
  at: '2026-03-05T06:00:00.000Z',
  reason: null,
});
const memory = () => {
  const kept = new Map<string, string>();
  return { getItem: (n: string) => kept.get(n) ?? null, setItem: (n: string, v: string) => void kept.set(n, v) };
};
const failure = (status: number, code: string) =>
  new ApiError(status, { code, message: '', fields: [], current: null, sent: null });

describe('the big button', () => {
  it('walks acknowledge, en route, on scene, clear, and then ends', () => {
    const seen: string[] = [];
    let assignment = row(1);
    for (let step = nextStep(assignment); step; step = nextStep(assignment)) {
      seen.push(step);
      assignment = after(assignment, step, '2026-03-05T06:00:00Z');
    }
    expect(seen).toEqual(['acknowledge', 'enroute', 'onscene', 'clear']);
    expect(assignment.state).toBe('cleared');
  });
});

describe('ActionQueue', () => {
  it('outlives the page and shows what will be', () => {
    const storage = memory();
    new ActionQueue(storage).add(action('acknowledge'));
    const again = new ActionQueue(storage);
    again.add(action('enroute'));
    expect(again.applyTo(row(1)).state).toBe('enroute');
    expect(new ActionQueue(storage).all()).toHaveLength(2);
  });

  it('sends in order, each against the version the one before made', async () => {
    const queue = new ActionQueue(memory());
    queue.add(action('acknowledge'));
    queue.add(action('enroute'));
    const sent: [string, number][] = [];
    const end = await queue.flush(
      row(1),
      async (assignment, each) => {
        sent.push([each.step, assignment.version]);
        return { ...after(assignment, each.step, each.at), version: assignment.version + 1 };
      },
      async () => null,
      vi.fn(),
    );
    expect(sent).toEqual([
      ['acknowledge', 1],
      ['enroute', 2],
    ]);
    expect(end?.state).toBe('enroute');
    expect(queue.all()).toEqual([]);
  });

  it.each([
    [0, 'unreachable'],
    [503, 'database_away'],
    [401, 'not_logged_in'],
  ])('keeps everything while the answer is %s', async (status, code) => {
    const queue = new ActionQueue(memory());
    queue.add(action('acknowledge'));
    const refused = vi.fn();
    await queue.flush(row(1), () => Promise.reject(failure(status, code)), async () => null, refused);
    expect(queue.all()).toHaveLength(1);
    expect(refused).not.toHaveBeenCalled();
  });

  it('tries again against a newer row, and drops a step somebody else has taken', async () => {
    const queue = new ActionQueue(memory());
    queue.add(action('acknowledge'));
    queue.add(action('enroute'));
    const send = vi
      .fn()
      .mockRejectedValueOnce(failure(409, 'stale_version'))
      .mockImplementation(async (assignment: Assignment, each: Action) => after(assignment, each.step, each.at));
    const newer = row(2, { state: 'acknowledged', acknowledged_at: '2026-03-05T05:59:00Z' });
    const end = await queue.flush(row(1), send, async () => newer, vi.fn());
    expect(send.mock.calls.map(([, each]) => (each as Action).step)).toEqual(['acknowledge', 'enroute']);
    expect(end?.state).toBe('enroute');
  });

  it('reports a step that can no longer be taken, and goes on', async () => {
    const queue = new ActionQueue(memory());
    queue.add(action('onscene'));
    const refused = vi.fn();
    await queue.flush(row(1), () => Promise.reject(failure(409, 'wrong_state')), async () => null, refused);
    expect(refused).toHaveBeenCalledOnce();
    expect(queue.all()).toEqual([]);
  });

  it('takes back what was not sent', () => {
    const queue = new ActionQueue(memory());
    queue.add(action('acknowledge'));
    expect(queue.takeBack()).toBe(true);
    expect(queue.takeBack()).toBe(false);
    expect(queue.applyTo(row(1)).state).toBe('dispatched');
  });
});
