import { describe, expect, it } from 'vitest';
import { pictureName } from './snapshot';

describe('the name of a saved picture', () => {
  it('says the camera and the local time to the millisecond, with its zone', () => {
    const at = new Date(2026, 2, 5, 14, 2, 31, 40).getTime();
    expect(pictureName('cam-yard', at, 480)).toBe('cam-yard_2026-03-05_14-02-31.040+0800.png');
    expect(pictureName('cam-yard', at, -210)).toMatch(/31\.040-0330\.png$/);
  });

  it('holds no sign that a file system refuses', () => {
    expect(pictureName('cam-yard', Date.now())).not.toMatch(/[:/\\?*"<>|]/);
  });
});
