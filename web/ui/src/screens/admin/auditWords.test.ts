import { describe, expect, it } from 'vitest';
import en from './messages/en';
import { subjectOf } from './auditWords';

describe('what something was done to', () => {
  it('is a kind and a number', () => {
    expect(subjectOf('camera:6')).toEqual({ kind: 'camera', id: '6' });
  });

  it('may have an address for a number, with colons of its own', () => {
    expect(subjectOf('onvif:http://10.0.0.9:80/onvif')).toEqual({ kind: 'onvif', id: 'http://10.0.0.9:80/onvif' });
  });

  it('may be a kind alone', () => {
    expect(subjectOf('portal')).toEqual({ kind: 'portal', id: '' });
  });

  it('keeps its number in every word for it', () => {
    const words = Object.entries(en).filter(([key]) => key.startsWith('audit.of.'));
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter(([, word]) => !word.includes('{id}'))).toEqual([]);
  });
});
