import { describe, expect, it } from 'vitest';
import { done, extended, finished, inserted, NO_HISTORY, problem, redone, removed, replaced, undone, unfinished, type History, type Shape } from './shapes';

const empty: Shape = { id: 'a', kind: 'area', points: [] };
const square: Shape = { id: 'a', kind: 'area', points: [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]] };

describe('drawing', () => {
  it('an area stays open until it is closed with three corners', () => {
    let shape = extended(extended(empty, [0.1, 0.1]), [0.9, 0.1]);
    expect(finished(shape).open).toBe(true);
    expect(problem(shape)).toBe('few');
    shape = extended(shape, [1.5, 0.9]);
    expect(shape.points[2]).toEqual([1, 0.9]); // kept in the picture
    expect(problem(shape)).toBe('open');
    expect(problem(finished(shape))).toBeNull();
    expect(unfinished(finished(shape))).toBe(false);
  });

  it('a line takes two points and no third', () => {
    const line = extended(extended({ id: 'l', kind: 'line', points: [] }, [0.1, 0.1]), [0.9, 0.9]);
    expect(unfinished(line)).toBe(false);
    expect(extended(line, [0.5, 0.5])).toBe(line);
    expect(problem(line)).toBeNull();
    expect(problem(replaced(line, 1, [0.101, 0.1]))).toBe('short');
  });

  it('says at once when an edge crosses another, also before it is closed', () => {
    let shape = empty;
    for (const point of [[0.2, 0.5], [0.6, 0.5], [0.6, 0.2], [0.4, 0.2], [0.4, 0.8]] as const) shape = extended(shape, [...point]);
    expect(problem(shape)).toBe('crosses');
  });

  it('says that an area is too small', () => {
    expect(problem({ ...square, points: [[0.5, 0.5], [0.505, 0.5], [0.505, 0.505]] })).toBe('small');
  });
});

describe('editing', () => {
  it('puts a corner in an edge, also in the one that closes', () => {
    expect(inserted(square, 3, [0.2, 0.5]).points[4]).toEqual([0.2, 0.5]);
    expect(inserted(square, 0, [0.5, 0.1]).points[1]).toEqual([0.5, 0.1]);
  });

  it('keeps the last three corners of an area', () => {
    const three = removed(square, 0);
    expect(three.points).toHaveLength(3);
    expect(removed(three, 0)).toBe(three);
  });
});

it('undo and redo go back and forth; a new step forgets what was taken back', () => {
  let history: History<number> = done(done(NO_HISTORY as History<number>, 1), 2);
  const back = undone(history, 3);
  expect(back?.now).toBe(2);
  history = back?.history as History<number>;
  expect(redone(history, 2)?.now).toBe(3);
  history = done(history, 2);
  expect(redone(history, 4)).toBeNull();
  expect(undone(undone(history, 4)?.history as History<number>, 2)?.now).toBe(1);
});
