/** The pipe networks' own tiles: a colour, a dash and letters for each network, the drawings' symbols for its nodes. */
import type { ExpressionSpecification, LayerSpecification, Map as GlMap } from 'maplibre-gl';
import type { Language } from '../api/types';
import type { Palette } from './palette';
import { FONT } from './style';

export const NETWORKS = ['water', 'gas', 'sewer', 'power'] as const;
export type Network = (typeof NETWORKS)[number];

const DASH: Record<Network, number[] | null> = { water: null, gas: [6, 1.5], sewer: [3, 1.5], power: [1.2, 1.2] };
/** As on Chinese pipe drawings (GB/T 50106, CJJ 61): J water, R gas, W sewage, DL power cable. */
const LETTER: Record<Network, string> = { water: 'J', gas: 'R', sewer: 'W', power: 'DL' };
const SOURCE = 'pipes';
/** The lowest layer of what is drawn over the base map. */
const FIRST_OVERLAY = 'views-fill';

/** Small fittings only when there is room for them. */
const RANK: ExpressionSpecification = [
  'match',
  ['get', 'kind'],
  ['source', 'substation', 'regulator', 'pump', 'outfall'],
  13,
  ['valve', 'hydrant'],
  15,
  ['manhole', 'pole'],
  16.5,
  17.5,
];

export function addPipes(map: GlMap, palette: Palette, language: Language): void {
  if (map.getSource(SOURCE)) return;
  map.addSource(SOURCE, { type: 'vector', tiles: [`${location.origin}/api/v1/tiles/pipes/{z}/{x}/{y}.mvt`], minzoom: 11, maxzoom: 16 });
  // The pipes lie under the streets' names, their fittings under everything that moves.
  const before = map.getLayer('road-label') ? 'road-label' : undefined;
  const fittings = map.getLayer(FIRST_OVERLAY) ? FIRST_OVERLAY : undefined;
  for (const network of NETWORKS) {
    const dash = DASH[network];
    const line: LayerSpecification = {
      id: `pipes-${network}`,
      type: 'line',
      source: SOURCE,
      'source-layer': 'pipe_edge',
      minzoom: 12,
      filter: ['==', ['get', 'network'], network],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': palette.pipes[network],
        'line-opacity': 0.9,
        'line-width': ['interpolate', ['linear'], ['zoom'], 13, 1, 18, ['interpolate', ['linear'], ['coalesce', ['get', 'diameter_mm'], 200], 50, 1.6, 300, 3, 1000, 6]],
        ...(dash ? { 'line-dasharray': dash } : {}),
      },
    };
    map.addLayer(line, before);
    map.addLayer({
      id: `pipes-${network}-label`,
      type: 'symbol',
      source: SOURCE,
      'source-layer': 'pipe_edge',
      minzoom: 16,
      filter: ['==', ['get', 'network'], network],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 260,
        'text-field': ['case', ['has', 'diameter_mm'], ['concat', LETTER[network], ' DN', ['to-string', ['round', ['get', 'diameter_mm']]]], LETTER[network]],
        'text-font': FONT,
        'text-size': 10,
      },
      paint: { 'text-color': palette.pipes[network], 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    }, fittings);
    map.addLayer({
      id: `pipes-${network}-node`,
      type: 'symbol',
      source: SOURCE,
      'source-layer': 'pipe_node',
      minzoom: 13,
      filter: ['all', ['==', ['get', 'network'], network], ['!=', ['get', 'kind'], 'junction'], ['>=', ['zoom'], RANK]],
      layout: {
        'icon-image': ['concat', 'pipe|', ['get', 'network'], '|', ['get', 'kind']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 14, 0.7, 18, 1.1],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'text-field': ['step', ['zoom'], '', 17, language === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name'], ''] : ['coalesce', ['get', 'name'], '']],
        'text-font': FONT,
        'text-size': 10,
        'text-offset': [0, 1],
        'text-anchor': 'top',
        'text-optional': true,
      },
      paint: { 'text-color': palette.pipes[network], 'text-halo-color': palette.halo, 'text-halo-width': 1.2 },
    }, fittings);
  }
}

export function showNetwork(map: GlMap, network: Network, visible: boolean): void {
  for (const id of [`pipes-${network}`, `pipes-${network}-label`, `pipes-${network}-node`]) {
    if (map.getLayer(id)) map.setLayoutProperty(id, 'visibility', visible ? 'visible' : 'none');
  }
}
