import { describe, expect, it } from 'vitest';
import { momentText, readMoment } from './momentText';

const at = (text: string) => new Date(text).getTime(); // local time
const NEAR = at('2026-03-05T09:00:00');

describe('a moment that is typed', () => {
  it.each([
    ['2026-11-29 22:03:13', '2026-11-29T22:03:13'],
    ['2026/11/29 22:03', '2026-11-29T22:03:00'],
    ['2026-11-29T22:03:13', '2026-11-29T22:03:13'],
    ['11-29 22:03', '2026-11-29T22:03:00'],
    ['22:03', '2026-03-05T22:03:00'],
    [' 7：05：09 ', '2026-03-05T07:05:09'],
  ])('%s', (text, means) => expect(readMoment(text, NEAR)).toBe(at(means)));

  it.each(['', 'yesterday', '2026-06-31 10:00', '2026-13-01 10:00', '25:00', '10:61', '10:00 PM', '2026-11-29'])('%s is none', (text) => {
    expect(readMoment(text, NEAR)).toBeNull();
  });

  it('is read back as it is written', () => {
    const ms = at('2026-01-09T04:05:06');
    expect(momentText(ms)).toBe('2026-01-09 04:05:06');
    expect(readMoment(momentText(ms), NEAR)).toBe(ms);
  });
});
