/** What the console draws over the base map that stands still, from the ground up. */
import type { MakeLayers } from '../../map/context';
import { FONT, FONT_BOLD } from '../../map/style';

export const viewLayers: MakeLayers = (palette) => [
  {
    id: 'views-fill',
    type: 'fill',
    paint: { 'fill-color': palette.text, 'fill-opacity': ['case', ['get', 'strong'], 0.12, 0.05] },
  },
  {
    id: 'views-line',
    type: 'line',
    paint: { 'line-color': palette.text, 'line-opacity': ['case', ['get', 'strong'], 0.8, 0.35], 'line-width': 1 },
  },
];

export const zoneLayers: MakeLayers = (palette) => [
  { id: 'zones-fill', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': palette.accent, 'fill-opacity': ['case', ['get', 'strong'], 0.24, ['get', 'on'], 0.12, 0.03] } },
  { id: 'zones-line', type: 'line', paint: { 'line-color': ['case', ['get', 'on'], palette.accent, palette.muted], 'line-width': ['case', ['get', 'strong'], 3, 1.5] } },
  {
    id: 'zones-name',
    type: 'symbol',
    minzoom: 14.5,
    layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 11, 'text-optional': true },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  },
];

export const ellipseLayers: MakeLayers = (palette) => [
  { id: 'ellipse-fill', type: 'fill', paint: { 'fill-color': palette.accent, 'fill-opacity': 0.12 } },
  { id: 'ellipse-line', type: 'line', paint: { 'line-color': palette.accent, 'line-width': 1.5, 'line-dasharray': [3, 2] } },
];

export const trackLayers: MakeLayers = (palette) => [
  { id: 'track-line', type: 'line', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': palette.text, 'line-width': 2, 'line-dasharray': [0.5, 2] } },
];

export const routeLayers: MakeLayers = (palette) => [
  { id: 'route-case', type: 'line', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': palette.halo, 'line-width': 8 } },
  { id: 'route-line', type: 'line', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': palette.accent, 'line-width': 4 } },
];

export const selectionLayers: MakeLayers = (palette) => [
  {
    id: 'selection-ring',
    type: 'circle',
    paint: { 'circle-radius': 21, 'circle-color': 'transparent', 'circle-stroke-color': palette.accent, 'circle-stroke-width': 2 },
  },
];

export const spotLayers: MakeLayers = (palette) => [
  { id: 'spot-dot', type: 'circle', paint: { 'circle-radius': 4, 'circle-color': palette.accent, 'circle-stroke-color': palette.halo, 'circle-stroke-width': 1.5 } },
];

export const cameraLayers: MakeLayers = (palette) => [
  {
    id: 'cameras',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-rotate': ['get', 'yaw'],
      'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 12, 0.65, 15, 1],
      'text-field': ['step', ['zoom'], '', 15.5, ['get', 'label']],
      'text-font': FONT,
      'text-size': 11,
      'text-offset': [0, 1.3],
      'text-anchor': 'top',
      'text-max-width': 9,
      'text-optional': true,
    },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  },
];

export const sensorLayers: MakeLayers = (palette) => [
  {
    id: 'sensors',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-allow-overlap': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 12, 0.75, 15, 1],
      'text-field': ['step', ['zoom'], '', 15, ['get', 'label']],
      'text-font': FONT,
      'text-size': 11,
      'text-offset': [0, 1.2],
      'text-anchor': 'top',
      'text-max-width': 9,
      'text-optional': true,
    },
    paint: { 'text-color': palette.muted, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  },
];

export const alarmLayers: MakeLayers = () => [
  {
    id: 'alarms',
    type: 'symbol',
    layout: { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'symbol-sort-key': ['get', 'sort'] },
  },
];

export const incidentLayers: MakeLayers = (palette) => [
  {
    id: 'incidents',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-allow-overlap': true,
      'symbol-sort-key': ['get', 'sort'],
      'text-field': ['get', 'label'],
      'text-font': FONT_BOLD,
      'text-size': 12,
      'text-offset': [0, 1.5],
      'text-anchor': 'top',
      'text-allow-overlap': true,
    },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
  },
];
