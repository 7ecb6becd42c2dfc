import { describe, expect, it } from 'vitest';
import { Motion } from './motion';

describe('Motion', () => {
  it('appears where it is first seen', () => {
    const motion = new Motion(1000);
    motion.moveTo(1, [120, 31], 0);
    expect(motion.at(1, 0)).toEqual([120, 31]);
    expect(motion.at(2, 0)).toBeNull();
    expect(motion.moving(0)).toBe(false);
  });

  it('drives evenly to the next fix and stops there', () => {
    const motion = new Motion(1000);
    motion.moveTo(1, [120, 31], 0);
    motion.moveTo(1, [120.001, 31], 0);
    expect(motion.at(1, 500)?.[0]).toBeCloseTo(120.0005, 9);
    expect(motion.moving(500)).toBe(true);
    expect(motion.at(1, 5000)).toEqual([120.001, 31]);
    expect(motion.moving(5000)).toBe(false);
  });

  it('goes on from where it is drawn when a fix comes early', () => {
    const motion = new Motion(1000);
    motion.moveTo(1, [120, 31], 0);
    motion.moveTo(1, [120.001, 31], 0);
    motion.moveTo(1, [120.001, 31.001], 500);
    expect(motion.at(1, 500)?.[0]).toBeCloseTo(120.0005, 9);
  });

  it('jumps over what no car could drive', () => {
    const motion = new Motion(1000);
    motion.moveTo(1, [120, 31], 0);
    motion.moveTo(1, [120.1, 31], 0);
    expect(motion.at(1, 1)).toEqual([120.1, 31]);
  });

  it('forgets what is gone', () => {
    const motion = new Motion(1000);
    motion.moveTo(1, [120, 31], 0);
    motion.forget(() => false);
    expect(motion.at(1, 0)).toBeNull();
  });
});
