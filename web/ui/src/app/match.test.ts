import { describe, expect, it } from 'vitest';
import { matches } from './match';

describe('matches', () => {
  it.each([
    ['p03', ['P-03', null], true],
    ['#1042', ['#1042'], true],
    ['１０４２', ['#1042'], true],
    ['people rd', ['People Rd / Dongmen St'], true],
    ['people west', ['People Rd / Dongmen St'], false],
    ['人民', ['人民路'], true],
    ['  ', ['x'], false],
    ['#', ['x'], false],
  ])('%s in %s: %s', (query, texts, found) => expect(matches(query, texts)).toBe(found));
});
