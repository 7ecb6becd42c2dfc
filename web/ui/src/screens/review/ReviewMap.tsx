import { Map as MapLibre, type GeoJSONSource, type MapLayerMouseEvent, type MapMouseEvent } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef } from 'react';
import type { Camera, Event, LonLat, Priority } from '../../api/types';
import { useTheme } from '../../app/theme';
import { useLanguage } from '../../i18n';
import { age } from '../../i18n/format';
import { bounds, ellipseRing } from '../../map/geometry';
import { PALETTES } from '../../map/palette';
import { buildStyle, FONT } from '../../map/style';
import '../../map/worker';
import { cornerByKey } from './outline';
import type { Playhead } from './playhead';
import { messages } from './text';
import { useTracks, type Moment } from './useTracks';

interface Props {
  cameras: readonly Camera[];
  chosen: ReadonlySet<number>;
  /** What was found, where it has a place. */
  points: readonly Found[];
  /** The chosen one of them. */
  at: string | null;
  selected: Event | null;
  area: readonly LonLat[] | null;
  drawing: 'area' | 'spot' | null;
  spot: { at: LonLat; radius_m: number } | null;
  playhead: Playhead;
  onArea: (area: LonLat[]) => void;
  onSpot: (spot: LonLat) => void;
  onCamera: (id: number) => void;
}

export interface Found {
  key: string;
  place: LonLat;
  priority: Priority | null;
  atMs: number;
}

type Feature = GeoJSON.Feature;
const collection = (features: Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features });
const point = (at: LonLat, properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates: at },
});

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_PX = 8;
const FAR_PX = 64;

/** Where the cameras are, where things happened and vehicles were at the moment, and the area that the search is confined to. */
export function ReviewMap(props: Props) {
  const t = messages.use();
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const corners = useRef<LonLat[]>([]);
  const moment = useTracks(props.playhead);
  const latest = useRef({ ...props, moment });
  latest.current = { ...props, moment };
  const theme = useTheme();
  const language = useLanguage();
  const { cameras, chosen, points, at, selected, area, drawing, spot } = props;
  const ready = cameras.length > 0;

  useEffect(() => {
    if (!box.current || !ready) return;
    const around = bounds(latest.current.cameras.map((camera) => [camera.lon, camera.lat] as LonLat));
    const made = new MapLibre({
      container: box.current,
      style: buildStyle(theme, language),
      ...(around ? { bounds: around, fitBoundsOptions: { padding: 30, maxZoom: 15 } } : {}),
      attributionControl: false,
      dragRotate: false,
      doubleClickZoom: false,
      keyboard: false,
    });
    made.touchZoomRotate.disableRotation();
    map.current = made;
    const palette = PALETTES[theme];
    made.on('load', () => {
      for (const name of ['area', 'ellipse', 'path', 'vehicle', 'event', 'camera']) made.addSource(name, { type: 'geojson', data: collection([]) });
      made.addLayer({ id: 'area-fill', type: 'fill', source: 'area', paint: { 'fill-color': palette.accent, 'fill-opacity': 0.12 } });
      made.addLayer({ id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': palette.accent, 'line-width': 2 } });
      made.addLayer({ id: 'ellipse', type: 'line', source: 'ellipse', paint: { 'line-color': palette.accent, 'line-width': 1.5 } });
      made.addLayer({ id: 'path', type: 'line', source: 'path', paint: { 'line-color': palette.accent, 'line-width': 3 } });
      made.addLayer({
        id: 'camera',
        type: 'circle',
        source: 'camera',
        paint: {
          'circle-radius': 5,
          'circle-color': ['case', ['get', 'chosen'], palette.accent, palette.panel],
          'circle-stroke-color': ['case', ['get', 'chosen'], palette.accent, palette.muted],
          'circle-stroke-width': 2,
        },
      });
      made.addLayer({
        id: 'vehicle',
        type: 'circle',
        source: 'vehicle',
        paint: {
          // An old position turns hollow.
          'circle-radius': 6,
          'circle-color': ['case', ['get', 'stale'], palette.panel, palette.unit],
          'circle-stroke-color': palette.unit,
          'circle-stroke-width': 2,
        },
      });
      made.addLayer({
        id: 'vehicle-name',
        type: 'symbol',
        source: 'vehicle',
        minzoom: 13,
        layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 11, 'text-offset': [0, 1.2], 'text-optional': true },
        paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
      });
      made.addLayer({
        id: 'event',
        type: 'circle',
        source: 'event',
        paint: {
          'circle-radius': ['case', ['get', 'selected'], 8, ['case', ['get', 'now'], 7, 4]],
          'circle-opacity': ['case', ['any', ['get', 'selected'], ['get', 'now']], 1, 0.55],
          'circle-color': ['match', ['get', 'priority'], 1, palette.levels[0], 2, palette.levels[1], 3, palette.levels[2], 4, palette.levels[3], palette.muted],
          'circle-stroke-color': ['case', ['get', 'selected'], palette.accent, palette.ink],
          'circle-stroke-width': ['case', ['get', 'selected'], 3, 1],
        },
      });
      made.on('click', 'camera', (event: MapLayerMouseEvent) => {
        const id: unknown = event.features?.[0]?.properties['id'];
        if (typeof id === 'number' && !latest.current.drawing) latest.current.onCamera(id);
      });
      draw(made, latest.current, corners.current);
    });
    const onClick = (event: MapMouseEvent) => {
      if (latest.current.drawing === 'spot') return latest.current.onSpot([event.lngLat.lng, event.lngLat.lat]);
      if (!latest.current.drawing) return;
      corners.current = [...corners.current, [event.lngLat.lng, event.lngLat.lat]];
      draw(made, latest.current, corners.current);
    };
    const onDouble = (event: MapMouseEvent) => {
      if (latest.current.drawing !== 'area') return;
      event.preventDefault();
      // The second click of the double click has set the last corner twice.
      const ring = corners.current.slice(0, -1);
      if (ring.length >= 3) latest.current.onArea(ring);
      corners.current = [];
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const by = ARROWS[event.key];
      const far = event.shiftKey ? FAR_PX : PAN_PX;
      if (by) made.panBy([by[0] * far, by[1] * far], { animate: false });
      else if (event.key === '+' || event.key === '=') made.zoomIn({ duration: 0 });
      else if (event.key === '-') made.zoomOut({ duration: 0 });
      else if (event.key !== 'Enter' || !latest.current.drawing) return;
      event.preventDefault();
      event.stopPropagation(); // on the map the arrows are the map's, not the recording's
      if (event.key !== 'Enter') return;
      const middle = made.getCenter().toArray();
      if (latest.current.drawing === 'spot') return latest.current.onSpot(middle);
      const next = cornerByKey(corners.current, middle);
      corners.current = next.closed ? [] : next.corners;
      if (next.closed) latest.current.onArea(next.corners);
      else draw(made, latest.current, corners.current);
    };
    made.getCanvas().addEventListener('keydown', onKey);
    made.on('click', onClick);
    made.on('dblclick', onDouble);
    return () => {
      map.current = null;
      made.remove();
    };
  }, [theme, language, ready]);

  const label = t('review.map');
  useEffect(() => {
    map.current?.getCanvas().setAttribute('aria-label', label); // the library's own word is English in every language
  }, [label, theme, ready]);

  // What is asked to be drawn on is brought into sight; to whom came by the keys, the keys go there.
  useEffect(() => {
    if (!drawing) return;
    box.current?.scrollIntoView({ block: 'nearest' });
    if (document.activeElement?.matches(':focus-visible')) map.current?.getCanvas().focus({ preventScroll: true });
  }, [drawing]);

  useEffect(() => {
    if (!drawing) corners.current = [];
    const made = map.current;
    if (!made) return;
    made.getCanvas().style.cursor = drawing ? 'crosshair' : '';
    draw(made, latest.current, corners.current);
  }, [cameras, chosen, points, at, selected, area, drawing, spot, moment]);

  return <div ref={box} className="rv-map" data-drawing={drawing ?? undefined} data-testid="review-map" />;
}

const NOW_MS = 10_000;
const STALE_S = 30;

function draw(map: MapLibre, { cameras, chosen, points, at, selected, area, drawing, spot, moment }: Props & { moment: Moment }, corners: readonly LonLat[]): void {
  const set = (name: string, features: Feature[]) => map.getSource<GeoJSONSource>(name)?.setData(collection(features));
  const circle = spot && ellipseRing(spot.at, { major_m: spot.radius_m, minor_m: spot.radius_m, angle_deg: 0 });
  const ring = drawing === 'area' ? corners : (circle ?? area ?? []);
  const closed = ring.length > 2 ? [...ring, ring[0] as LonLat] : [...ring];
  set(
    'area',
    closed.length === 0
      ? []
      : [
          {
            type: 'Feature',
            properties: {},
            geometry: closed.length > 3 ? { type: 'Polygon', coordinates: [closed] } : { type: 'LineString', coordinates: closed },
          },
        ],
  );
  set('camera', cameras.map((camera) => point([camera.lon, camera.lat], { id: camera.id, chosen: chosen.has(camera.id) })));
  set(
    'event',
    points.map((each) => point(each.place, { priority: each.priority ?? 0, selected: each.key === at, now: Math.abs(each.atMs - moment.atMs) < NOW_MS })),
  );
  set(
    'vehicle',
    moment.places.map(({ at, name, age_s }) => point(at, { stale: age_s > STALE_S, label: age_s > STALE_S ? `${name} ${age(age_s)}` : name })),
  );
  const line = (coordinates: LonLat[]): Feature => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } });
  set('path', selected?.path && selected.path.length > 1 ? [line(selected.path)] : []);
  set(
    'ellipse',
    selected?.ellipse && selected.lon !== null && selected.lat !== null
      ? [line(ellipseRing([selected.lon, selected.lat], selected.ellipse))]
      : [],
  );
}
