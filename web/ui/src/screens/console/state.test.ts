import { beforeEach, describe, expect, it } from 'vitest';
import { consoleState, pendingRow, sameSelection, select } from './state';

beforeEach(() => {
  consoleState.set({ selection: null, cursor: { incidents: null, alarms: null }, tab: 'alarms', pane: 'queue' });
});

describe('select', () => {
  it('is one thing for list, map and panel', () => {
    select({ kind: 'incident', id: 1042 });
    expect(consoleState.get()).toMatchObject({ tab: 'incidents', cursor: { incidents: 1042 }, pane: 'panel' });
    select({ kind: 'camera', id: 3 });
    expect(consoleState.get()).toMatchObject({ tab: 'incidents', cursor: { incidents: 1042 } });
  });

  it('goes back to the map when a narrow screen closes its panel', () => {
    select({ kind: 'camera', id: 3 });
    select(null);
    expect(consoleState.get().pane).toBe('map');
  });
});

describe('pendingRow', () => {
  it('is the row under the cursor until it is open', () => {
    consoleState.set({ cursor: { incidents: null, alarms: 7 } });
    expect(pendingRow(consoleState.get())).toEqual({ kind: 'alarm', id: 7 });
    select({ kind: 'alarm', id: 7 });
    expect(pendingRow(consoleState.get())).toBeNull();
  });
});

describe('sameSelection', () => {
  it('compares by what is meant', () => {
    expect(sameSelection({ kind: 'alarm', id: 1 }, { kind: 'incident', id: 1 })).toBe(false);
    expect(sameSelection({ kind: 'spot', lon: 1, lat: 2 }, { kind: 'spot', lon: 1, lat: 2 })).toBe(true);
    expect(sameSelection(null, null)).toBe(true);
  });
});
