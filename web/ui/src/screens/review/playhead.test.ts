import { describe, expect, it } from 'vitest';
import { Playhead } from './playhead';

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
