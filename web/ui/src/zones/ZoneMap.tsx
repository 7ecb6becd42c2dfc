import { Redo2, Undo2 } from 'lucide-react';
import { Marker, type MapMouseEvent } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Camera, LonLat } from '../api/types';
import { named } from '../i18n';
import { CityMap } from '../map/CityMap';
import { useMap, useOverlay, type MakeLayers } from '../map/context';
import { cameraFeatures, collection, fieldsOfView } from '../map/features';
import { bounds } from '../map/geometry';
import { FONT } from '../map/style';
import { crossing } from '../picture/geometry';
import type { Outline } from './api';
import { messages } from './text';

interface Props {
  cameras: readonly Camera[];
  line: boolean;
  /** Whether an arrow can be drawn as well. */
  hasWay: boolean;
  ground: readonly LonLat[];
  way: readonly LonLat[];
  onGround: (ground: LonLat[]) => void;
  onWay: (way: LonLat[]) => void;
  /** Which cameras see what is drawn. */
  seen: readonly Outline[];
}

const CLOSE_PX = 14;

const drawnLayers: MakeLayers = (palette) => [
  { id: 'zone-draw-fill', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ['case', ['get', 'wrong'], palette.levels[0], palette.accent], 'fill-opacity': 0.2 } },
  { id: 'zone-draw-line', type: 'line', paint: { 'line-color': ['case', ['get', 'wrong'], palette.levels[0], palette.accent], 'line-width': 2.5 } },
];
const viewLayers: MakeLayers = (palette) => [
  { id: 'zone-views-fill', type: 'fill', paint: { 'fill-color': ['case', ['get', 'strong'], palette.accent, palette.text], 'fill-opacity': ['case', ['get', 'strong'], 0.16, 0.05] } },
  { id: 'zone-views-line', type: 'line', paint: { 'line-color': ['case', ['get', 'strong'], palette.accent, palette.text], 'line-opacity': 0.6, 'line-width': 1 } },
];
const cameraLayers: MakeLayers = (palette) => [
  {
    id: 'zone-cameras',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-rotate': ['get', 'yaw'],
      'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true,
      'text-field': ['get', 'label'],
      'text-font': FONT,
      'text-size': 11,
      'text-offset': [0, 1.3],
      'text-anchor': 'top',
      'text-optional': true,
    },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  },
];

/** Draws a zone on the map, above the cameras' fields of view. */
export function ZoneMap(props: Props) {
  const t = messages.use();
  const { cameras, line, ground, way, hasWay, onGround, onWay } = props;
  const [open, setOpen] = useState(ground.length === 0);
  const done = line ? ground.length >= 2 : !open && ground.length >= 3;
  const drawingWay = done && hasWay && way.length < 2;
  const wrong = !line && crossing(ground, done) !== null;
  const hint = drawingWay ? 'zones.map_hint_way' : line ? 'zones.map_hint_line' : 'zones.map_hint';
  return (
    <div className="zn-map">
      <div className="picture-tools">
        <button
          type="button"
          className="button icon small"
          title={t('zones.map_undo')}
          aria-label={t('zones.map_undo')}
          disabled={ground.length === 0}
          onClick={() => {
            if (way.length > 0) onWay(way.slice(0, -1) as LonLat[]);
            else {
              setOpen(true);
              onGround(ground.slice(0, -1) as LonLat[]);
            }
          }}
        >
          <Undo2 size={16} aria-hidden />
        </button>
        <button
          type="button"
          className="button small"
          disabled={ground.length === 0}
          onClick={() => {
            setOpen(true);
            onGround([]);
            onWay([]);
          }}
        >
          <Redo2 size={16} aria-hidden />
          {t('zones.map_redraw')}
        </button>
      </div>
      <div className="zn-map-box">
        <CityMap
          name="zones"
          labels={{ map: t('zones.map_label'), zoomIn: t('zones.map_zoom_in'), zoomOut: t('zones.map_zoom_out'), attribution: '' }}
          onFirstView={(map, had) => {
            const around = bounds(ground.length ? ground : cameras.map((camera): LonLat => [camera.lon, camera.lat]));
            if (around && (!had || ground.length > 0)) map.fitBounds(around, { padding: 80, maxZoom: 19, animate: false });
          }}
        >
          <Drawing {...props} done={done} wrong={wrong} drawingWay={drawingWay} onClosed={() => setOpen(false)} />
        </CityMap>
      </div>
      <p className={wrong ? 'picture-hint picture-wrong' : 'picture-hint'} role="status" data-testid="map-hint">
        {wrong ? t('zones.map_crosses') : t(hint)}
      </p>
    </div>
  );
}

interface DrawingProps extends Props {
  done: boolean;
  wrong: boolean;
  drawingWay: boolean;
  onClosed: () => void;
}

function Drawing(props: DrawingProps) {
  const { cameras, line, ground, way, seen, done, wrong } = props;
  const t = messages.use();
  const { map } = useMap();
  const latest = useRef(props);
  latest.current = props;
  const sees = useMemo(() => new Set(seen.map((row) => row.camera_id)), [seen]);
  useOverlay('zone-views', viewLayers, { data: useMemo(() => fieldsOfView([...cameras], sees), [cameras, sees]) });
  useOverlay('zone-cameras', cameraLayers, { data: useMemo(() => cameraFeatures([...cameras], (camera) => named(t.language, camera)), [cameras, t]) });
  const data = useMemo(() => {
    const ring = done && !line ? [...ground, ground[0] as LonLat] : [...ground];
    const features: GeoJSON.Feature[] = [];
    if (ring.length > 1) {
      features.push({
        type: 'Feature',
        properties: { wrong },
        geometry: done && !line ? { type: 'Polygon', coordinates: [ring] } : { type: 'LineString', coordinates: ring },
      });
    }
    if (way.length === 2) features.push({ type: 'Feature', properties: { wrong: false }, geometry: { type: 'LineString', coordinates: arrow(way as [LonLat, LonLat]) } });
    return collection(features);
  }, [done, ground, line, way, wrong]);
  useOverlay('zone-draw', drawnLayers, { data });

  useEffect(() => {
    const onClick = (event: MapMouseEvent) => {
      const now = latest.current;
      const at: LonLat = [event.lngLat.lng, event.lngLat.lat];
      if (now.drawingWay) now.onWay([...now.way, at] as LonLat[]);
      else if (now.line && now.ground.length < 2) now.onGround([...now.ground, at] as LonLat[]);
      else if (!now.done && !now.line) {
        const first = now.ground[0];
        const back = first && map.project(first);
        if (back && now.ground.length >= 3 && Math.hypot(back.x - event.point.x, back.y - event.point.y) < CLOSE_PX) now.onClosed();
        else now.onGround([...now.ground, at] as LonLat[]);
      }
    };
    const onKey = (event: KeyboardEvent) => {
      const now = latest.current;
      if (event.key === 'Enter' && !now.done && !now.line && now.ground.length >= 3 && !(event.target instanceof HTMLInputElement)) {
        event.preventDefault();
        now.onClosed();
      }
    };
    map.doubleClickZoom.disable();
    map.on('click', onClick);
    document.addEventListener('keydown', onKey);
    return () => {
      map.off('click', onClick);
      document.removeEventListener('keydown', onKey);
    };
  }, [map]);
  useEffect(() => {
    map.getCanvas().style.cursor = done && !props.drawingWay ? '' : 'crosshair';
  }, [done, map, props.drawingWay]);

  return (
    <>
      {ground.map((corner, i) => (
        <Corner
          key={i}
          at={corner}
          first={i === 0 && !done && !line}
          label={`${i + 1}`}
          onMove={(at) => latest.current.onGround(latest.current.ground.map((each, n) => (n === i ? at : each)) as LonLat[])}
          onRemove={() => {
            const left = latest.current.ground.filter((_, n) => n !== i) as LonLat[];
            if (line || !done || left.length >= 3) latest.current.onGround(left);
          }}
          onClick={() => {
            if (i === 0 && !latest.current.done && !line && latest.current.ground.length >= 3) latest.current.onClosed();
          }}
        />
      ))}
      {way.map((end, i) => (
        <Corner key={`way${i}`} at={end} label={i === 0 ? '●' : '▲'} onMove={(at) => latest.current.onWay(latest.current.way.map((each, n) => (n === i ? at : each)) as LonLat[])} onRemove={() => latest.current.onWay([])} onClick={() => undefined} />
      ))}
    </>
  );
}

interface CornerProps {
  at: LonLat;
  label: string;
  first?: boolean;
  onMove: (at: LonLat) => void;
  onRemove: () => void;
  onClick: () => void;
}

/** A corner to drag; arrow keys move it by a pixel, Delete takes it away. */
function Corner({ at, label, first, onMove, onRemove, onClick }: CornerProps) {
  const { map } = useMap();
  const marker = useRef<Marker | null>(null);
  const latest = useRef({ onMove, onRemove, onClick });
  latest.current = { onMove, onRemove, onClick };
  useEffect(() => {
    const node = document.createElement('button');
    node.type = 'button';
    node.className = 'zn-corner';
    node.setAttribute('aria-label', label);
    const made = new Marker({ element: node, draggable: true }).setLngLat(at).addTo(map);
    marker.current = made;
    const moved = () => {
      const { lng, lat } = made.getLngLat();
      latest.current.onMove([lng, lat]);
    };
    made.on('drag', moved);
    node.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      latest.current.onRemove();
    });
    node.addEventListener('click', (event) => {
      event.stopPropagation();
      latest.current.onClick();
    });
    node.addEventListener('keydown', (event) => {
      const by = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as Record<string, [number, number]>)[event.key];
      if (by) {
        const spot = map.project(made.getLngLat());
        const far = event.shiftKey ? 10 : 1;
        const { lng, lat } = map.unproject([spot.x + by[0] * far, spot.y + by[1] * far]);
        latest.current.onMove([lng, lat]);
      } else if (event.key === 'Delete' || event.key === 'Backspace') latest.current.onRemove();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return () => {
      made.remove();
      marker.current = null;
    };
    // The marker is made once; where it stands comes by the effect below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [map]);
  useEffect(() => {
    marker.current?.setLngLat(at);
    marker.current?.getElement().toggleAttribute('data-first', Boolean(first));
  }, [at, first]);
  return null;
}

/** A line with two barbs at its tip. */
function arrow([a, b]: [LonLat, LonLat]): LonLat[] {
  const squeeze = Math.cos((a[1] * Math.PI) / 180);
  const [dx, dy] = [(b[0] - a[0]) * squeeze, b[1] - a[1]];
  const barb = (turn: number): LonLat => {
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    return [b[0] - ((dx * c - dy * s) * 0.25) / squeeze, b[1] - (dx * s + dy * c) * 0.25];
  };
  return [a, b, barb(0.45), b, barb(-0.45)];
}
