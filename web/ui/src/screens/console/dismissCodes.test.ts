import { expect, test } from 'vitest';
import { CODES, codeOf, keyOf } from './dismissCodes';

test('each reason has a digit of its own, and the digit means it', () => {
  const codes = CODES.flatMap((group) => group.codes);
  expect(new Set(codes.map(keyOf)).size).toBe(codes.length);
  for (const code of codes) expect(codeOf(keyOf(code))).toBe(code);
  expect([codeOf('1'), codeOf('0')]).toEqual(['tree', 'exercise']);
});

test('other keys mean nothing', () => {
  expect(['', 'a', 'Enter', '12'].map(codeOf)).toEqual([null, null, null, null]);
});
