/** The map's colours by theme. Level colours appear here only for levels; pipes keep clear of them. */
import type { Theme } from '../app/theme';

export interface Palette {
  land: string;
  water: string;
  waterLine: string;
  park: string;
  building: string;
  buildingLine: string;
  site: string;
  road: string;
  roadMinor: string;
  roadCase: string;
  roadLabel: string;
  placeLabel: string;
  waterLabel: string;
  halo: string;
  ink: string;
  panel: string;
  text: string;
  muted: string;
  line: string;
  accent: string;
  levels: readonly [string, string, string, string];
  levelInk: string;
  unit: string;
  unitInk: string;
  pipes: Record<'water' | 'gas' | 'sewer' | 'power', string>;
}

const dark: Palette = {
  land: '#0e141b',
  water: '#10283a',
  waterLine: '#1b3d55',
  park: '#11211f',
  building: '#17202a',
  buildingLine: '#212c38',
  site: '#121a22',
  road: '#3b4a5a',
  roadMinor: '#2a3642',
  roadCase: '#0a0f14',
  roadLabel: '#a3b2c3',
  placeLabel: '#c3cedb',
  waterLabel: '#7fa7c4',
  halo: '#0b0f14',
  ink: '#0b0f14',
  panel: '#18212c',
  text: '#e6edf3',
  muted: '#8b9bb0',
  line: '#3a4d63',
  accent: '#2dd4bf',
  levels: ['#ff4d4f', '#ff9f1a', '#ffd60a', '#4aa3ff'],
  levelInk: '#0b0f14',
  unit: '#dbe5ef',
  unitInk: '#0b0f14',
  pipes: { water: '#5fb3c9', gas: '#e38fc4', sewer: '#b58f6c', power: '#a78bfa' },
};

const light: Palette = {
  land: '#f1f3f5',
  water: '#c3dcea',
  waterLine: '#9fc3d8',
  park: '#dbe9d9',
  building: '#dfe3e8',
  buildingLine: '#c9d0d8',
  site: '#e9ecf0',
  road: '#ffffff',
  roadMinor: '#ffffff',
  roadCase: '#c2cad3',
  roadLabel: '#46515e',
  placeLabel: '#2a333e',
  waterLabel: '#3c6c8b',
  halo: '#ffffff',
  ink: '#ffffff',
  panel: '#ffffff',
  text: '#10161d',
  muted: '#5b6775',
  line: '#8894a2',
  accent: '#096b60',
  levels: ['#ff4d4f', '#ff9f1a', '#ffd60a', '#4aa3ff'],
  levelInk: '#0b0f14',
  unit: '#1d2733',
  unitInk: '#ffffff',
  pipes: { water: '#15788f', gas: '#b3418c', sewer: '#7d5a38', power: '#6a49d0' },
};

const contrast: Palette = {
  ...dark,
  land: '#000000',
  water: '#06243a',
  waterLine: '#3f88b5',
  park: '#071a10',
  building: '#141414',
  buildingLine: '#5a5a5a',
  site: '#0a0a0a',
  road: '#6b6b6b',
  roadMinor: '#4a4a4a',
  roadCase: '#000000',
  roadLabel: '#ffffff',
  placeLabel: '#ffffff',
  waterLabel: '#bfe4ff',
  halo: '#000000',
  ink: '#000000',
  panel: '#000000',
  text: '#ffffff',
  muted: '#d2d2d2',
  line: '#ffffff',
  accent: '#5cffe9',
  levels: ['#ff6f70', '#ffae42', '#ffe14d', '#7cbcff'],
  unit: '#ffffff',
  unitInk: '#000000',
  pipes: { water: '#7fe3ff', gas: '#ff9edb', sewer: '#e0b48a', power: '#c9b5ff' },
};

export const PALETTES: Record<Theme, Palette> = { dark, light, contrast };
