import { describe, expect, it } from 'vitest';
import { accounts } from './decoding';

describe('what became of the pictures', () => {
  it('lists those that get too little first', () => {
    const of = (effort: string, decoded: number) => ({ effort, decoded, analysed: 1, quiet: 2, disposable: 3, shed: 4, broken: 5 });
    const found = accounts({ decoding: { B: of('quiet', 1), A: of('full', 2), D: of('half', 3), C: of('keys', 4) } });
    expect(found.map((a) => a.code)).toEqual(['C', 'D', 'A', 'B']);
    expect(found[0]).toMatchObject({ effort: 'keys', decoded: 4, analysed: 1, quiet: 2, disposable: 3, shed: 4, broken: 5 });
  });
  it('is empty where a process says nothing of it', () => {
    expect(accounts({ frames_decoded: 7 })).toEqual([]);
    expect(accounts({ decoding: null })).toEqual([]);
  });
  it('takes what it does not know for the usual', () => {
    expect(accounts({ decoding: { A: { effort: 'other' } } })[0]).toMatchObject({ effort: 'full', decoded: 0 });
  });
});
