import { Marker, type Map as GlMap } from 'maplibre-gl';
import { useEffect, useMemo, useRef } from 'react';
import type { Camera, LonLat, Spot } from '../../../api/types';
import { CityMap } from '../../../map/CityMap';
import { useMap, useOverlay } from '../../../map/context';
import { collection, ellipseFeature, EMPTY } from '../../../map/features';
import { colour, outside, type Draft } from './points';
import { messages } from './text';

interface Props {
  camera: Camera;
  /** Where the lens is by the fit, or as saved. */
  eye: LonLat;
  drafts: readonly Draft[];
  fieldOfView: readonly (readonly number[])[];
  spot: Spot | null;
  chosen: number | null;
  /** `byKey`: the next spot is wanted in the picture, and so is the focus. */
  onPick: (place: LonLat, byKey: boolean) => void;
  onMove: (number: number, place: LonLat) => void;
  onChoose: (number: number) => void;
}

const PAN_PX = 8;
const FAR = 8;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The map with the same points, what the camera sees of it, and where the pointer in the picture is. */
export function MapPane(props: Props) {
  const t = messages.use();
  const map = useRef<GlMap | null>(null);
  const latest = useRef(props);
  latest.current = props;
  return (
    <div
      className="cal-pane cal-map"
      tabIndex={0}
      role="application"
      aria-label={t('calibrate.map')}
      data-testid="cal-map"
      onKeyDown={(event) => {
        const by = ARROWS[event.key];
        const made = map.current;
        if (!made || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
        const held = props.drafts.find((each) => each.number === props.chosen && each.place);
        if (by && held?.place) {
          const far = event.shiftKey ? FAR : 1;
          const { x, y } = made.project([...held.place]);
          const to: [number, number] = [x + by[0] * far, y + by[1] * far];
          props.onMove(held.number, made.unproject(to).toArray());
          made.panBy(outside(to, made.getCanvas().clientWidth, made.getCanvas().clientHeight), { animate: false });
        } else if (by) {
          const far = event.shiftKey ? PAN_PX * FAR : PAN_PX;
          made.panBy([by[0] * far, by[1] * far], { animate: false });
        } else if (event.key === 'Enter') {
          if (!held) props.onPick(made.getCenter().toArray(), true);
        }
        else if (event.key === '+' || event.key === '=') made.zoomIn({ duration: 0 });
        else if (event.key === '-') made.zoomOut({ duration: 0 });
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <CityMap
        name={`calibrate.${props.camera.id}`}
        initial={{ center: [props.camera.lon, props.camera.lat], zoom: 18 }}
        labels={{ zoomIn: t('calibrate.zoom_in'), zoomOut: t('calibrate.zoom_out'), map: t('calibrate.map'), attribution: '' }}
        onFirstView={(made) => {
          map.current = made;
          made.on('click', (event) => latest.current.onPick(event.lngLat.toArray(), false));
        }}
      >
        <Layers {...props} />
      </CityMap>
      <svg className="cal-middle" width={28} height={28} aria-hidden>
        <line x1={0} y1={14} x2={28} y2={14} />
        <line x1={14} y1={0} x2={14} y2={28} />
      </svg>
    </div>
  );
}

function Layers({ eye, drafts, fieldOfView, spot, chosen, onMove, onChoose }: Props) {
  const { map } = useMap();
  const latest = useRef({ onMove, onChoose });
  latest.current = { onMove, onChoose };
  const seen = useMemo(
    () => (fieldOfView.length > 2 ? collection([{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [fieldOfView.map((each) => [...each])] } }]) : EMPTY),
    [fieldOfView],
  );
  useOverlay(
    'cal-fov',
    (palette) => [
      { id: 'cal-fov-fill', type: 'fill', paint: { 'fill-color': palette.accent, 'fill-opacity': 0.1 } },
      { id: 'cal-fov-line', type: 'line', paint: { 'line-color': palette.accent, 'line-width': 1.5, 'line-opacity': 0.7 } },
    ],
    { data: seen },
  );
  const here = useMemo(() => collection([{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [...eye] } }]), [eye]);
  useOverlay(
    'cal-eye',
    (palette) => [{ id: 'cal-eye', type: 'circle', paint: { 'circle-radius': 6, 'circle-color': palette.panel, 'circle-stroke-color': palette.accent, 'circle-stroke-width': 3 } }],
    { data: here },
  );
  const ellipse = useMemo(() => ellipseFeature(spot ? { lon: spot.lon, lat: spot.lat, ellipse: spot.ellipse } : undefined), [spot]);
  useOverlay(
    'cal-spot',
    (palette) => [
      { id: 'cal-spot-fill', type: 'fill', paint: { 'fill-color': palette.text, 'fill-opacity': 0.25 } },
      { id: 'cal-spot-line', type: 'line', paint: { 'line-color': palette.text, 'line-width': 2 } },
    ],
    { data: ellipse },
  );
  const markers = useRef(new Map<number, Marker>());
  useEffect(() => {
    const held = markers.current;
    for (const draft of drafts) {
      if (!draft.place) continue;
      let marker = held.get(draft.number);
      if (!marker) {
        const node = document.createElement('button');
        node.type = 'button';
        node.className = 'cal-pin';
        node.textContent = String(draft.number);
        node.style.setProperty('--pin', colour(draft.number));
        node.addEventListener('click', (event) => {
          event.stopPropagation();
          latest.current.onChoose(draft.number);
        });
        const made = new Marker({ element: node, draggable: true, anchor: 'bottom-left', offset: [0, 0] }).setLngLat([...draft.place]).addTo(map);
        made.on('dragend', () => latest.current.onMove(draft.number, made.getLngLat().toArray()));
        held.set(draft.number, made);
        marker = made;
      }
      marker.setLngLat([...draft.place]);
      marker.getElement().toggleAttribute('data-chosen', draft.number === chosen);
      marker.getElement().toggleAttribute('data-half', draft.at === null);
    }
    for (const [number, marker] of held) {
      if (!drafts.some((each) => each.number === number && each.place)) {
        marker.remove();
        held.delete(number);
      }
    }
  }, [map, drafts, chosen]);
  useEffect(
    () => () => {
      markers.current.forEach((marker) => marker.remove());
      markers.current.clear();
    },
    [map],
  );
  return null;
}
