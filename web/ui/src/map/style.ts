/** The base map's style: our own tiles, our own colours, glyphs drawn from the machine's fonts. Nothing from outside. */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Language } from '../api/types';
import { PALETTES, type Palette } from './palette';
import type { Theme } from '../app/theme';

/** Without a glyph server these are names of local fonts, first found first; the first one's name also sets the weight. */
export const FONT = ['Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'Segoe UI', 'system-ui'];
export const FONT_BOLD = ['Noto Sans SC Bold', ...FONT];

/** A row's name in the UI's language; English falls back to Chinese. */
export function nameExpression(language: Language): ExpressionSpecification {
  return language === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name'], ''] : ['coalesce', ['get', 'name'], ['get', 'name_en'], ''];
}

const ROAD_WIDTH: Record<string, [z12: number, z15: number, z18: number]> = {
  major: [2.2, 7, 26],
  secondary: [1.4, 5, 20],
  minor: [0.6, 3, 14],
};

const CLASSES: Record<string, string[]> = {
  major: ['motorway', 'trunk', 'primary'],
  secondary: ['secondary', 'tertiary'],
  minor: ['residential', 'service', 'unclassified', 'living_street'],
};

const width = (group: string, extra: number): ExpressionSpecification => {
  const [z12, z15, z18] = ROAD_WIDTH[group] ?? [1, 3, 14];
  return ['interpolate', ['exponential', 1.5], ['zoom'], 12, z12 + extra * 0.6, 15, z15 + extra, 18, z18 + extra * 1.5];
};

function roads(palette: Palette): LayerSpecification[] {
  const groups = ['minor', 'secondary', 'major'] as const;
  const line = (group: string, kind: 'case' | 'fill'): LayerSpecification => ({
    id: `road-${group}-${kind}`,
    type: 'line',
    source: 'base',
    'source-layer': 'road',
    filter: ['in', ['get', 'class'], ['literal', CLASSES[group] ?? []]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': kind === 'case' ? palette.roadCase : group === 'minor' ? palette.roadMinor : palette.road,
      'line-width': width(group, kind === 'case' ? 2 : 0),
    },
  });
  return [...groups.map((group) => line(group, 'case')), ...groups.map((group) => line(group, 'fill'))];
}

function labels(palette: Palette, language: Language): LayerSpecification[] {
  const name = nameExpression(language);
  return [
    {
      id: 'road-label',
      type: 'symbol',
      source: 'base',
      'source-layer': 'road',
      minzoom: 13.5,
      filter: [
        'all',
        ['has', 'name'],
        ['!=', ['get', 'class'], 'service'],
        // Side streets are named when there is room for them.
        ['any', ['>=', ['zoom'], 15], ['in', ['get', 'class'], ['literal', [...(CLASSES['major'] ?? []), ...(CLASSES['secondary'] ?? [])]]]],
      ],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 320,
        'text-field': name,
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 14, 11, 18, 14],
        'text-letter-spacing': language === 'en' ? 0.02 : 0.12,
        'text-max-angle': 30,
      },
      paint: { 'text-color': palette.roadLabel, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
    {
      id: 'area-label',
      type: 'symbol',
      source: 'base',
      'source-layer': 'area',
      minzoom: 13,
      filter: ['all', ['has', 'name'], ['in', ['get', 'kind'], ['literal', ['water', 'park']]]],
      layout: { 'text-field': name, 'text-font': FONT, 'text-size': 12, 'text-letter-spacing': 0.08, 'text-max-width': 7 },
      paint: {
        'text-color': ['match', ['get', 'kind'], 'water', palette.waterLabel, palette.roadLabel],
        'text-halo-color': palette.halo,
        'text-halo-width': 1.2,
      },
    },
    {
      id: 'place-label',
      type: 'symbol',
      source: 'base',
      'source-layer': 'place',
      minzoom: 13.5,
      filter: ['!=', ['get', 'kind'], 'crossing'],
      layout: {
        'icon-image': ['concat', 'place|', ['get', 'kind']],
        'icon-optional': true,
        'text-field': name,
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 13, 11, 17, 13],
        'text-anchor': 'top',
        'text-offset': [0, 0.75],
        'text-max-width': 8,
        'text-optional': true,
        'symbol-sort-key': ['match', ['get', 'kind'], ['hospital', 'police_station', 'fire_station'], 0, 1],
      },
      paint: { 'text-color': palette.placeLabel, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
    {
      id: 'crossing-label',
      type: 'symbol',
      source: 'base',
      'source-layer': 'place',
      minzoom: 17,
      filter: ['==', ['get', 'kind'], 'crossing'],
      layout: { 'text-field': name, 'text-font': FONT, 'text-size': 11, 'text-max-width': 9 },
      paint: { 'text-color': palette.muted, 'text-halo-color': palette.halo, 'text-halo-width': 1.2 },
    },
  ];
}

function areas(palette: Palette): LayerSpecification[] {
  const fill = (id: string, kinds: string[], color: string, outline?: string): LayerSpecification => ({
    id,
    type: 'fill',
    source: 'base',
    'source-layer': 'area',
    filter: ['in', ['get', 'kind'], ['literal', kinds]],
    paint: { 'fill-color': color, ...(outline ? { 'fill-outline-color': outline } : {}) },
  });
  return [
    fill('area-site', ['land'], palette.site),
    fill('area-park', ['park'], palette.park),
    fill('area-water', ['water'], palette.water, palette.waterLine),
    { ...fill('area-building', ['building'], palette.building, palette.buildingLine), minzoom: 14 } as LayerSpecification,
  ];
}

export function buildStyle(theme: Theme, language: Language, tilesBase = '/api/v1/tiles'): StyleSpecification {
  const palette = PALETTES[theme];
  const tiles = (name: string) => [`${location.origin}${tilesBase}/${name}/{z}/{x}/{y}.mvt`];
  return {
    version: 8,
    sources: {
      base: { type: 'vector', tiles: tiles('base'), minzoom: 8, maxzoom: 17 },
    },
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': palette.land } },
      ...areas(palette),
      ...roads(palette),
      ...labels(palette, language),
    ],
  };
}
