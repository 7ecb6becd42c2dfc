/** The console's rows on the map, and what a click on the map selects. */
import { useEffect, useMemo, useRef } from 'react';
import { events } from '../../api/endpoints';
import { useSession } from '../../app/session';
import { useTheme } from '../../app/theme';
import { useFeed, useRow, useRows } from '../../feed';
import { serverNow, useServerNow } from '../../feed/clock';
import { named, useLanguage } from '../../i18n';
import { useMap, useOverlay } from '../../map/context';
import { EdgeArrow } from '../../map/EdgeArrow';
import { alarmFeatures, cameraFeatures, collection, ellipseFeature, EMPTY, fieldsOfView, incidentFeatures, lineFeature, sensorFeatures } from '../../map/features';
import { Movers } from '../../map/Movers';
import { PALETTES } from '../../map/palette';
import { addPipes, NETWORKS, showNetwork } from '../../map/pipes';
import { useFetched } from '../../app/fetched';
import { useLocated } from './locate';
import { alarmLayers, cameraLayers, ellipseLayers, incidentLayers, routeLayers, selectionLayers, sensorLayers, spotLayers, trackLayers, viewLayers } from './overlays';
import { consoleState, select, type Selection } from './state';
import { Zones } from './ZoneOverlay';

/** Topmost first: what a click means where several things lie on one another. */
const CLICKED = ['incidents', 'alarms', 'units', 'cameras', 'sensors', 'vehicles', 'zones-line', 'zones-fill'] as const;
const REACH_PX = 5;

export function MapOverlays({ onMenu }: { onMenu: (at: { x: number; y: number; lon: number; lat: number }) => void }) {
  const { has } = useSession();
  const layers = consoleState.use((state) => state.layers);
  return (
    <>
      {has('dispatcher', 'commander', 'reviewer', 'admin') && <Pipes />}
      <Views />
      <Zones />
      <Chosen />
      <Cameras />
      <Sensors />
      <Movers showUnits={layers.units} showVehicles={layers.vehicles} />
      <Alarms />
      <Incidents />
      <Ring />
      <Clicks onMenu={onMenu} />
    </>
  );
}

function Pipes() {
  const { map, epoch } = useMap();
  const theme = useTheme();
  const language = useLanguage();
  const layers = consoleState.use((state) => state.layers);
  const any = NETWORKS.some((network) => layers[network]);
  useEffect(() => {
    if (!any) {
      for (const network of NETWORKS) showNetwork(map, network, false);
      return;
    }
    addPipes(map, PALETTES[theme], language);
    for (const network of NETWORKS) showNetwork(map, network, layers[network]);
  }, [any, epoch, language, layers, map, theme]);
  return null;
}

function Views() {
  const feed = useFeed();
  const cameras = useRows(feed.cameras);
  const all = consoleState.use((state) => state.layers.views);
  const hover = consoleState.use((state) => state.hoverCamera);
  const docked = consoleState.use((state) => state.docked);
  const selection = consoleState.use((state) => state.selection);
  const data = useMemo(() => {
    const strong = new Set(docked);
    if (hover !== null) strong.add(hover);
    if (selection?.kind === 'camera') strong.add(selection.id);
    return fieldsOfView(
      cameras.filter((camera) => all || strong.has(camera.id)),
      strong,
    );
  }, [cameras, all, hover, docked, selection]);
  useOverlay('views', viewLayers, { data });
  return null;
}

/** What belongs to the selection alone: its error ellipse, the event's track, the way of a unit, a picked spot. */
function Chosen() {
  const feed = useFeed();
  const selection = consoleState.use((state) => state.selection);
  const route = consoleState.use((state) => state.route);
  const alarm = useRow(feed.alarms, selection?.kind === 'alarm' ? selection.id : null);
  const { data: event } = useFetched(alarm?.event_id ?? null, (id, signal) => events.read(id, signal));
  useOverlay('ellipse', ellipseLayers, { data: useMemo(() => ellipseFeature(alarm), [alarm]) });
  useOverlay('track', trackLayers, { data: useMemo(() => lineFeature(event?.path), [event]) });
  useOverlay('route', routeLayers, { data: useMemo(() => lineFeature(route), [route]) });
  const spot = selection?.kind === 'spot' ? selection : selection?.kind === 'place' ? selection.place : null;
  useOverlay('spot', spotLayers, {
    data: useMemo(
      () => (spot ? collection([{ type: 'Feature', geometry: { type: 'Point', coordinates: [spot.lon, spot.lat] }, properties: {} }]) : EMPTY),
      [spot],
    ),
  });
  return null;
}

function Cameras() {
  const feed = useFeed();
  const language = useLanguage();
  const rows = useRows(feed.cameras);
  const visible = consoleState.use((state) => state.layers.cameras);
  useOverlay('cameras', cameraLayers, { visible, data: useMemo(() => cameraFeatures(rows, (row) => named(language, row)), [rows, language]) });
  return null;
}

function Sensors() {
  const feed = useFeed();
  const language = useLanguage();
  const rows = useRows(feed.sensors);
  const minute = Math.floor(useServerNow() / 60_000);
  const visible = consoleState.use((state) => state.layers.sensors);
  const data = useMemo(() => sensorFeatures(rows, (row) => named(language, row), minute ? serverNow() : 0), [rows, language, minute]);
  useOverlay('sensors', sensorLayers, { visible, data });
  return null;
}

function Alarms() {
  const feed = useFeed();
  const rows = useRows(feed.alarms);
  const visible = consoleState.use((state) => state.layers.alarms);
  const selection = consoleState.use((state) => state.selection);
  const selected = selection?.kind === 'alarm' ? selection.id : null;
  useOverlay('alarms', alarmLayers, { visible, data: useMemo(() => alarmFeatures(rows, selected), [rows, selected]) });
  return null;
}

function Incidents() {
  const feed = useFeed();
  const rows = useRows(feed.incidents);
  const visible = consoleState.use((state) => state.layers.incidents);
  const selection = consoleState.use((state) => state.selection);
  const selected = selection?.kind === 'incident' ? selection.id : null;
  useOverlay('incidents', incidentLayers, { visible, data: useMemo(() => incidentFeatures(rows, selected), [rows, selected]) });
  return null;
}

/** The ring around what is selected, or the arrow at the edge that leads there. */
function Ring() {
  const located = useLocated();
  const at = located?.at ?? null;
  const plain = located?.selection.kind !== 'spot' && located?.selection.kind !== 'place' && located?.selection.kind !== 'zone';
  const [lon, lat] = at ?? [null, null];
  useOverlay('selection', selectionLayers, {
    data: useMemo(
      () => (lon !== null && lat !== null && plain ? collection([{ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties: {} }]) : EMPTY),
      [lon, lat, plain],
    ),
  });
  return at && located ? <EdgeArrow to={at} label={located.label} /> : null;
}

function Clicks({ onMenu }: { onMenu: (at: { x: number; y: number; lon: number; lat: number }) => void }) {
  const { map } = useMap();
  const menu = useRef(onMenu);
  menu.current = onMenu;

  useEffect(() => {
    type Point = { x: number; y: number };
    const hits = ({ x, y }: Point): Selection[] => {
      const layers = CLICKED.filter((layer) => map.getLayer(layer));
      const found = map.queryRenderedFeatures(
        [
          [x - REACH_PX, y - REACH_PX],
          [x + REACH_PX, y + REACH_PX],
        ],
        { layers },
      );
      const rank = (id: string) => CLICKED.indexOf(id as (typeof CLICKED)[number]);
      const seen = new Set<string>();
      return found
        .sort((a, b) => rank(a.layer.id) - rank(b.layer.id))
        .flatMap((feature) => {
          const { kind, id } = feature.properties as { kind: 'alarm'; id: number };
          const key = `${kind} ${id}`;
          if (seen.has(key)) return [];
          seen.add(key);
          return [{ kind, id }];
        });
    };
    let lastHits = '';
    let turn = 0;
    const click = (event: { point: Point; lngLat: { lng: number; lat: number }; originalEvent: MouseEvent }) => {
      if (event.originalEvent.shiftKey) return openMenu(event);
      const found = hits(event.point);
      // A second click on the same pile takes the next thing in it.
      const pile = JSON.stringify(found);
      turn = pile === lastHits ? turn + 1 : 0;
      lastHits = pile;
      const spot: Selection = { kind: 'spot', lon: event.lngLat.lng, lat: event.lngLat.lat };
      // A zone is large: a second click in it means the spot.
      const choices = found.length === 0 || found.some((each) => each.kind === 'zone') ? [...found, spot] : found;
      select(choices[turn % choices.length] ?? spot);
    };
    const openMenu = (event: { point: Point; lngLat: { lng: number; lat: number } }) =>
      menu.current({ x: event.point.x, y: event.point.y, lon: event.lngLat.lng, lat: event.lngLat.lat });
    const hover = (event: { point: Point }) => {
      const found = hits(event.point);
      const top = found[0];
      map.getCanvas().style.cursor = top ? 'pointer' : '';
      const camera = top?.kind === 'camera' ? top.id : null;
      const zones = found.flatMap((each) => (each.kind === 'zone' ? [each.id] : []));
      const held = consoleState.get();
      if (held.hoverCamera !== camera || held.hoverZones.join() !== zones.join()) consoleState.set({ hoverCamera: camera, hoverZones: zones });
    };
    const leave = () => consoleState.set({ hoverCamera: null, hoverZones: [] });
    map.on('click', click);
    map.on('contextmenu', openMenu);
    map.on('mousemove', hover);
    map.on('mouseout', leave);
    return () => {
      map.off('click', click);
      map.off('contextmenu', openMenu);
      map.off('mousemove', hover);
      map.off('mouseout', leave);
    };
  }, [map]);
  return null;
}
