import { describe, expect, it } from 'vitest';
import { Playhead, stepRate } from './playhead';

describe('Playhead', () => {
  it('runs at its rate, stands while paused or held, and jumps', () => {
    let now = 0;
    const head = new Playhead(1000, () => now);
    now = 500;
    expect(head.now()).toBe(1000);
    head.play(true);
    now = 700;
    expect(head.now()).toBe(1200);
    head.setRate(4);
    now = 800;
    expect(head.now()).toBe(1600);
    const release = head.hold();
    now = 5000;
    expect(head.now()).toBe(1600);
    release();
    release();
    now = 5100;
    expect(head.now()).toBe(2000);
    head.seek(50);
    expect(head.now()).toBe(50);
    expect(head.get().jump).toBe(1);
    head.play(false);
    now = 9000;
    expect(head.now()).toBe(50);
  });
});

describe('the way of the playhead', () => {
  it('goes round between two marks, in both directions, and not without them', () => {
    let now = 0;
    const head = new Playhead(1000, () => now);
    head.setLoop({ fromMs: 900, toMs: 1200 });
    head.play(true);
    now = 150;
    head.tick(1e9);
    expect(head.now()).toBe(1150);
    now = 210;
    head.tick(1e9);
    expect(head.now()).toBe(900);
    head.setRate(-2);
    head.tick(1e9);
    expect(head.now()).toBe(1200);
    head.setLoop(null);
    now = 1000;
    head.tick(1e9);
    expect(head.now()).toBe(1200 - 2 * 790);
    expect(() => head.setLoop({ fromMs: 5, toMs: 5 })).toThrow('must end after');
  });

  it('does not run ahead of the present', () => {
    let now = 0;
    const head = new Playhead(1000, () => now);
    head.play(true);
    head.setRate(8);
    now = 100;
    head.tick(1500);
    expect(head.now()).toBe(1500);
    expect(head.get()).toMatchObject({ playing: false, rate: 1 });
  });

  it('has faster and slower within its direction', () => {
    expect(stepRate(1, 1)).toBe(2);
    expect(stepRate(0.25, -1)).toBe(0.25);
    expect(stepRate(16, 1)).toBe(16);
    expect(stepRate(-1, 1)).toBe(-2);
    expect(stepRate(-16, -1)).toBe(-8);
    expect(stepRate(-1, -1)).toBe(-1);
  });
});
