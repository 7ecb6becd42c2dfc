import { describe, expect, it } from 'vitest';
import { format, headline } from './index';

const modules = import.meta.glob<{ default: Record<string, string> }>('../**/messages/*.ts', { eager: true });
const places = (message: string) => [...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const folders = [...new Set(Object.keys(modules).map((path) => path.replace(/[^/]+$/, '')))];

describe('message catalogues', () => {
  it('exist for the shared words and every screen that has text', () => {
    expect(folders).toContain('./messages/');
  });

  it.each(folders)('%s has the same keys and the same places to fill in both languages', (folder) => {
    const zh = modules[`${folder}zh-CN.ts`]?.default;
    const en = modules[`${folder}en.ts`]?.default;
    if (!zh || !en) throw new Error(`${folder} needs both zh-CN.ts and en.ts`);
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const [key, message] of Object.entries(zh)) {
      expect([...new Set(places(en[key] ?? ''))], key).toEqual([...new Set(places(message))]);
      expect(message.trim(), key).not.toBe('');
      expect(en[key]?.trim(), key).not.toBe('');
    }
  });
});

describe('headline', () => {
  it('leaves out the place that stands beside it, and never leaves nothing', () => {
    expect(headline('重点院落有人闯入：北门水厂西侧', '北门水厂西侧')).toBe('重点院落有人闯入');
    expect(headline('Fire: People Rd', 'People Rd')).toBe('Fire');
    expect(headline('Fire', 'People Rd')).toBe('Fire');
    expect(headline('People Rd', 'People Rd')).toBe('People Rd');
    expect(headline('Fire', '')).toBe('Fire');
  });
});

describe('format', () => {
  it('fills places and keeps unknown ones visible', () => {
    expect(format('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });

  it('picks the singular by n', () => {
    expect(format('{n} unit|{n} units', { n: 1 })).toBe('1 unit');
    expect(format('{n} unit|{n} units', { n: 0 })).toBe('0 units');
  });
});
