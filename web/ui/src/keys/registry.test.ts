import { describe, expect, it } from 'vitest';
import { findCommand, keyName, type Command } from './registry';

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more } as KeyboardEvent);

const command = (id: string, keys: string[], enabled?: boolean): Command => ({
  id,
  keys,
  enabled,
  group: 'general',
  label: id,
  run: () => undefined,
});

describe('keyName', () => {
  it('ignores caps lock, keeps shift for letters and named keys, not for signs', () => {
    expect(press('J')).toBe('j');
    expect(press('L', { shiftKey: true })).toBe('Shift+l');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('Enter', { shiftKey: true })).toBe('Shift+Enter');
  });

  it('leaves the browser its own', () => {
    expect(press('r', { ctrlKey: true })).toBeNull();
    expect(press('Shift', { shiftKey: true })).toBeNull();
  });
});

describe('findCommand', () => {
  it('prefers the panel over the screen, and skips what cannot run now', () => {
    const screen = [command('screen', ['Enter'])];
    expect(findCommand([screen, [command('panel', ['Enter'])]], 'Enter')?.id).toBe('panel');
    expect(findCommand([screen, [command('panel', ['Enter'], false)]], 'Enter')?.id).toBe('screen');
    expect(findCommand([screen], 'x')).toBeNull();
  });
});
