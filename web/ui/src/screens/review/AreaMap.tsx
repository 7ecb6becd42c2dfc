import { Map as MapLibre, type GeoJSONSource, type MapLayerMouseEvent, type MapMouseEvent } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef } from 'react';
import type { Camera, Event, LonLat } from '../../api/types';
import { useTheme } from '../../app/theme';
import { useLanguage } from '../../i18n';
import { bounds, ellipseRing } from '../../map/geometry';
import { PALETTES } from '../../map/palette';
import { buildStyle } from '../../map/style';
import '../../map/worker';

interface Props {
  cameras: readonly Camera[];
  chosen: ReadonlySet<number>;
  events: readonly Event[];
  selected: Event | null;
  area: readonly LonLat[] | null;
  drawing: boolean;
  onArea: (area: LonLat[]) => void;
  onCamera: (id: number) => void;
}

type Feature = GeoJSON.Feature;
const collection = (features: Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features });
const point = (at: LonLat, properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates: at },
});

/** Where the cameras are, where things happened, and the area that the search is confined to. */
export function AreaMap(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const corners = useRef<LonLat[]>([]);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();
  const language = useLanguage();
  const { cameras, chosen, events, selected, area, drawing } = props;
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
    });
    made.touchZoomRotate.disableRotation();
    map.current = made;
    const palette = PALETTES[theme];
    made.on('load', () => {
      for (const name of ['area', 'ellipse', 'path', 'event', 'camera']) made.addSource(name, { type: 'geojson', data: collection([]) });
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
        id: 'event',
        type: 'circle',
        source: 'event',
        paint: {
          'circle-radius': ['case', ['get', 'selected'], 8, 5],
          'circle-color': ['match', ['get', 'priority'], 1, palette.levels[0], 2, palette.levels[1], 3, palette.levels[2], palette.levels[3]],
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
      if (!latest.current.drawing) return;
      corners.current = [...corners.current, [event.lngLat.lng, event.lngLat.lat]];
      draw(made, latest.current, corners.current);
    };
    const onDouble = (event: MapMouseEvent) => {
      if (!latest.current.drawing) return;
      event.preventDefault();
      // The second click of the double click has set the last corner twice.
      const ring = corners.current.slice(0, -1);
      if (ring.length >= 3) latest.current.onArea(ring);
      corners.current = [];
    };
    made.on('click', onClick);
    made.on('dblclick', onDouble);
    return () => {
      map.current = null;
      made.remove();
    };
  }, [theme, language, ready]);

  useEffect(() => {
    if (!drawing) corners.current = [];
    const made = map.current;
    if (!made) return;
    made.getCanvas().style.cursor = drawing ? 'crosshair' : '';
    draw(made, latest.current, corners.current);
  }, [cameras, chosen, events, selected, area, drawing]);

  return <div ref={box} className="rv-map" data-testid="review-map" />;
}

function draw(map: MapLibre, { cameras, chosen, events, selected, area, drawing }: Props, corners: readonly LonLat[]): void {
  const set = (name: string, features: Feature[]) => map.getSource<GeoJSONSource>(name)?.setData(collection(features));
  const ring = drawing ? corners : (area ?? []);
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
    events.flatMap((event) =>
      event.lon === null || event.lat === null
        ? []
        : [point([event.lon, event.lat], { id: event.id, priority: event.priority, selected: event.id === selected?.id })],
    ),
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
