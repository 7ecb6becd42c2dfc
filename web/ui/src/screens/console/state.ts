/** What the console shows now: one selection for list, map, dock and panel, and how its panels lie. */
import type { Alarm, Incident, LonLat, Place } from '../../api/types';
import { createStore, remember, remembered } from '../../app/store';

export type Selection =
  | { kind: 'alarm' | 'incident' | 'unit' | 'camera' | 'vehicle' | 'sensor' | 'zone'; id: number }
  | { kind: 'spot'; lon: number; lat: number }
  | { kind: 'place'; place: Place };

export type Tab = 'incidents' | 'alarms';
export type Pane = 'queue' | 'map' | 'panel';

export const LAYERS = ['incidents', 'alarms', 'units', 'vehicles', 'cameras', 'views', 'zones', 'sensors', 'water', 'gas', 'sewer', 'power'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Sizes {
  queue_px: number;
  panel_px: number;
  dock_px: number;
}

interface Kept {
  layers: Record<Layer, boolean>;
  tab: Tab;
  sizes: Sizes;
  dockShown: boolean;
}

interface ConsoleState extends Kept {
  selection: Selection | null;
  cursor: Record<Tab, number | null>;
  /** A way over the road that is looked at: a hovered or chosen recommendation. */
  route: readonly LonLat[] | null;
  hoverCamera: number | null;
  /** The zones under the pointer, topmost first. */
  hoverZones: readonly number[];
  /** Cameras the dock shows, for their fields of view. */
  docked: readonly number[];
  dialog: { kind: 'open'; lon: number; lat: number } | { kind: 'dismiss' | 'shelve'; alarm: Alarm } | { kind: 'close'; incident: Incident } | null;
  help: boolean;
  searching: boolean;
  layersShown: boolean;
  /** Which pane a narrow screen shows. */
  pane: Pane;
}

const KEY = 'wanglou.console';

const KEPT: Kept = {
  layers: {
    incidents: true,
    alarms: true,
    units: true,
    vehicles: true,
    cameras: true,
    views: false,
    zones: false,
    sensors: true,
    water: false,
    gas: false,
    sewer: false,
    power: false,
  },
  tab: 'alarms',
  sizes: { queue_px: 360, panel_px: 420, dock_px: 208 },
  dockShown: true,
};

function keptState(): Kept {
  const found = remembered<Partial<Kept>>(KEY, {});
  return {
    layers: { ...KEPT.layers, ...found.layers },
    tab: found.tab ?? KEPT.tab,
    sizes: { ...KEPT.sizes, ...found.sizes },
    dockShown: found.dockShown ?? KEPT.dockShown,
  };
}

export const consoleState = createStore<ConsoleState>({
  ...keptState(),
  selection: null,
  cursor: { incidents: null, alarms: null },
  route: null,
  hoverCamera: null,
  hoverZones: [],
  docked: [],
  dialog: null,
  help: false,
  searching: false,
  layersShown: false,
  pane: 'queue',
});

/** Changes what is remembered in this browser. */
export function keep(change: Partial<Kept>): void {
  consoleState.set(change);
  const { layers, tab, sizes, dockShown } = consoleState.get();
  remember(KEY, { layers, tab, sizes, dockShown });
}

export function sameSelection(a: Selection | null, b: Selection | null): boolean {
  if (a === null || b === null || a.kind !== b.kind) return a === b;
  if ('id' in a && 'id' in b) return a.id === b.id;
  if (a.kind === 'spot' && b.kind === 'spot') return a.lon === b.lon && a.lat === b.lat;
  return a.kind === 'place' && b.kind === 'place' && a.place.id === b.place.id;
}

/** Selects everywhere at once; the list follows to the tab that holds it. */
export function select(selection: Selection | null): void {
  const { cursor, tab, pane } = consoleState.get();
  const listed = selection?.kind === 'alarm' ? 'alarms' : selection?.kind === 'incident' ? 'incidents' : null;
  consoleState.set({
    selection,
    route: null,
    cursor: listed && selection && 'id' in selection ? { ...cursor, [listed]: selection.id } : cursor,
    pane: selection ? 'panel' : pane === 'panel' ? 'map' : pane,
  });
  if (listed && listed !== tab) keep({ tab: listed });
}

/** The row under the cursor, when it is not the one that is open: then Enter opens it. */
export function pendingRow(state: Pick<ConsoleState, 'cursor' | 'tab' | 'selection'>): { kind: 'alarm' | 'incident'; id: number } | null {
  const id = state.cursor[state.tab];
  if (id === null) return null;
  const row = { kind: state.tab === 'alarms' ? ('alarm' as const) : ('incident' as const), id };
  return sameSelection(row, state.selection) ? null : row;
}
