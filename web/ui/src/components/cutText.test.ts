import { describe, expect, it } from 'vitest';
import { tipFor } from './cutText';

const node = (textWidth: number, title = '') => ({ scrollWidth: textWidth, clientWidth: 100, textContent: ' Binjiang North Rd Embankment ', title });

describe('the tip of a text', () => {
  it('is the whole text where it is cut', () => {
    expect(tipFor(node(180), false)).toBe('Binjiang North Rd Embankment');
  });

  it('goes when the place has become wide enough', () => {
    expect(tipFor(node(90, 'Binjiang North Rd Embankment'), false)).toBe('');
  });

  it('is left alone while it is right, and where somebody gave another', () => {
    expect(tipFor(node(90), false)).toBeNull();
    expect(tipFor(node(180, 'Binjiang North Rd Embankment'), false)).toBeNull();
    expect(tipFor(node(180, 'Since 22:44'), true)).toBeNull();
  });
});
