import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../api/types';
import { defineMessages } from '../../i18n';
import enShared from '../../i18n/messages/en';
import zhShared from '../../i18n/messages/zh-CN';
import { logText, nextStep, stateSince } from './logText';
import { consoleMessages } from './messages';

const shared = defineMessages({ 'zh-CN': zhShared, en: enShared });
const en = (kind: string, body: Record<string, unknown>) => logText({ kind, body }, consoleMessages.in('en'), shared.in('en'));
const zh = (kind: string, body: Record<string, unknown>) => logText({ kind, body }, consoleMessages.in('zh-CN'), shared.in('zh-CN'));

describe('logText', () => {
  it('says the same in both languages', () => {
    const body = { unit_code: 'P-03', eta_s: 380, distance_m: 2140 };
    expect(en('dispatched', body)).toBe('P-03 sent, ETA 6:20, 2.1 km');
    expect(zh('dispatched', body)).toBe('派出 P-03，预计 6:20，2.1 km');
    expect(en('opened', { title: '入侵', title_en: 'Intrusion' })).toBe('Opened: Intrusion');
  });

  it('words what changed and leaves out the other language’s double', () => {
    const body = { changes: { priority: { from: 2, to: 1 }, type: { from: 'other', to: 'fire' }, place: { from: '甲', to: '乙' }, place_en: { from: 'A', to: 'B' } } };
    expect(en('edited', body)).toBe('Changed: priority P2 → P1; type Other → Fire; English place A → B');
    expect(zh('edited', body)).toBe('修改：优先级 P2 → P1; 类型 其他 → 火灾; 地点 甲 → 乙');
  });

  it('tells a crew’s own end from one that came with the closing', () => {
    expect(en('cleared', { unit_code: 'P-03' })).toBe('P-03 clear');
    expect(en('cleared', { unit_code: 'P-03', auto: true })).toBe('P-03 ended with the incident');
  });

  it('never hides an entry that it does not know', () => {
    expect(en('measured', {})).toBe('measured');
  });
});

describe('assignments', () => {
  it('know since when they are in their state and what comes next', () => {
    const row = { state: 'enroute', dispatched_at: 'a', acknowledged_at: 'b', enroute_at: 'c', onscene_at: null, cleared_at: null, declined_at: null, recalled_at: null } as Assignment;
    expect(stateSince(row)).toBe('c');
    expect(nextStep(row)).toBe('onscene');
    expect(nextStep({ state: 'recalled' })).toBeNull();
  });
});
