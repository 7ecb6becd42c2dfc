import { Layers as LayersIcon, LocateFixed, Maximize } from 'lucide-react';
import type { Map as GlMap } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import { places } from '../../api/endpoints';
import type { LonLat } from '../../api/types';
import { useSession } from '../../app/session';
import { useTheme } from '../../app/theme';
import { showError, showText } from '../../components/toasts';
import { useFeed, useRows } from '../../feed';
import { either, useLanguage } from '../../i18n';
import { lonLat } from '../../i18n/format';
import { useCommands } from '../../keys';
import { CityMap } from '../../map/CityMap';
import { bounds } from '../../map/geometry';
import { PALETTES } from '../../map/palette';
import { symbolUrl } from '../../map/symbols';
import { useFetched } from '../../app/fetched';
import { linked } from './link';
import { useLocated } from './locate';
import { MapOverlays } from './MapOverlays';
import { useConsoleText, type ConsoleKey } from './messages';
import { consoleState, keep, LAYERS, select, type Layer } from './state';

interface MenuAt {
  x: number;
  y: number;
  lon: number;
  lat: number;
}

const PAN_PX = 160;

export function MapPane() {
  const t = useConsoleText();
  const feed = useFeed();
  const cameras = useRows(feed.cameras);
  const located = useLocated();
  const map = useRef<GlMap | null>(null);
  const fitted = useRef(true);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const layersShown = consoleState.use((state) => state.layersShown);

  const showAll = (animate: boolean) => {
    const box = bounds(cameras.map((camera): LonLat => [camera.lon, camera.lat]));
    const room_px = map.current ? Math.min(80, map.current.getContainer().clientWidth / 10) : 80;
    if (box) map.current?.fitBounds(box, { padding: room_px, maxZoom: 16, duration: animate ? 140 : 0 });
  };

  // The very first time, before anybody has moved the map, it shows the city's cameras. Never again by itself.
  useEffect(() => {
    if (fitted.current || cameras.length === 0) return;
    fitted.current = true;
    showAll(false);
  });

  // Somebody came by a link to one thing: the map begins there, once.
  const asked = useRef(linked(location.search) !== null);
  useEffect(() => {
    if (!asked.current || !located?.at || !map.current) return;
    asked.current = false;
    fitted.current = true;
    map.current.jumpTo({ center: located.at, zoom: Math.max(16, map.current.getZoom()) });
  });

  const go = () => located?.at && map.current?.easeTo({ center: located.at, zoom: Math.max(16, map.current.getZoom()), duration: 140 });
  const pan = (x: number, y: number) => map.current?.panBy([x, y], { duration: 100 });

  useCommands([
    { id: 'map.in', keys: ['+', '='], group: 'map', label: t('key.zoom_in'), run: () => map.current?.zoomIn({ duration: 120 }) },
    { id: 'map.out', keys: ['-'], group: 'map', label: t('key.zoom_out'), run: () => map.current?.zoomOut({ duration: 120 }) },
    {
      id: 'map.pan',
      keys: ['Shift+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowDown'],
      group: 'map',
      label: t('key.pan'),
      shown: '⇧ ← ↑ → ↓',
      run: (key) => pan(key.endsWith('Left') ? -PAN_PX : key.endsWith('Right') ? PAN_PX : 0, key.endsWith('Up') ? -PAN_PX : key.endsWith('Down') ? PAN_PX : 0),
    },
    { id: 'map.go', keys: ['g'], group: 'map', label: t('key.go'), run: go, enabled: Boolean(located?.at) },
    { id: 'map.all', keys: ['0'], group: 'map', label: t('key.all'), run: () => showAll(true), enabled: cameras.length > 0 },
    { id: 'map.layers', keys: ['v'], group: 'map', label: t('key.layers'), run: () => consoleState.set({ layersShown: !layersShown }) },
    { id: 'map.menu-close', keys: ['Escape'], group: 'general', label: t('key.escape'), run: () => setMenu(null), enabled: menu !== null },
  ]);

  return (
    <main className="map-pane" aria-label={t('map.label')}>
      <CityMap
        name="console"
        labels={{ zoomIn: t('map.zoom_in'), zoomOut: t('map.zoom_out'), map: t('map.label'), attribution: t('map.attribution') }}
        onFirstView={(made, hadView) => {
          map.current = made;
          fitted.current = hadView;
        }}
      >
        <MapOverlays onMenu={setMenu} />
      </CityMap>
      <div className="map-tools">
        <button type="button" className="button icon" aria-pressed={layersShown} title={`${t('map.layers')} (V)`} aria-label={t('map.layers')} onClick={() => consoleState.set({ layersShown: !layersShown })}>
          <LayersIcon size={17} aria-hidden />
        </button>
        <button type="button" className="button icon" title={`${t('map.all')} (0)`} aria-label={t('map.all')} onClick={() => showAll(true)}>
          <Maximize size={17} aria-hidden />
        </button>
        <button type="button" className="button icon" title={`${t('map.go')} (G)`} aria-label={t('map.go')} disabled={!located?.at} onClick={go}>
          <LocateFixed size={17} aria-hidden />
        </button>
      </div>
      {layersShown && <LayerPanel />}
      {menu && <SpotMenu at={menu} onClose={() => setMenu(null)} />}
    </main>
  );
}

const LEGEND: readonly [symbol: string, key: ConsoleKey][] = [
  ['unit|police|free|0|fresh', 'legend.unit_free'],
  ['unit|fire|busy|3|fresh', 'legend.unit_busy'],
  ['unit|ambulance|away|0|fresh', 'legend.unit_away'],
  ['unit|municipal|free|0|stale', 'legend.unit_stale'],
  ['vehicle|taxi|fresh', 'legend.vehicle'],
  ['camera|online|wedge', 'legend.camera'],
  ['camera|trouble|wedge', 'legend.camera_trouble'],
  ['alarm|2|raised', 'legend.alarm'],
  ['alarm|2|handled', 'legend.alarm_handled'],
  ['incident|1', 'legend.incident'],
  ['sensor|water_level|within|fresh', 'legend.sensor'],
  ['sensor|water_level|over|fresh', 'legend.sensor_over'],
  ['pipe|water|valve', 'legend.valve'],
  ['pipe|water|hydrant', 'legend.hydrant'],
];

function LayerPanel() {
  const t = useConsoleText();
  const theme = useTheme();
  const language = useLanguage();
  const { has } = useSession();
  const layers = consoleState.use((state) => state.layers);
  const look = useMemo(() => ({ palette: PALETTES[theme], language }), [theme, language]);
  const legend = useMemo(() => LEGEND.map(([symbol, key]) => ({ key, url: symbolUrl(symbol, look) })), [look]);
  const offered = LAYERS.filter((layer) => has('dispatcher', 'commander') || layer !== 'alarms');
  const toggle = (layer: Layer) => keep({ layers: { ...layers, [layer]: !layers[layer] } });
  return (
    <div className="layer-panel">
      <h3>{t('map.layers')}</h3>
      {offered.map((layer) => (
        <label key={layer} className="layer-line">
          <input type="checkbox" checked={layers[layer]} onChange={() => toggle(layer)} />
          {t(`layer.${layer}`)}
          {layer in look.palette.pipes && <i className="pipe-sample" style={{ background: look.palette.pipes[layer as 'water'] }} aria-hidden />}
        </label>
      ))}
      <h3>{t('map.legend')}</h3>
      {legend.map(({ key, url }) => (
        <div key={key} className="legend-line">
          <img src={url} alt="" width={24} height={24} />
          {t(key)}
        </div>
      ))}
      <div className="legend-line">
        <i className="ellipse-sample" aria-hidden />
        {t('legend.ellipse')}
      </div>
    </div>
  );
}

function SpotMenu({ at, onClose }: { at: MenuAt; onClose: () => void }) {
  const t = useConsoleText();
  const language = useLanguage();
  const { has } = useSession();
  const box = useRef<HTMLDivElement>(null);
  const coordinates = lonLat(at.lon, at.lat);
  const { data: place } = useFetched(coordinates, (_key, signal) => places.near(at.lon, at.lat, signal));

  useEffect(() => {
    const leave = (event: PointerEvent) => !box.current?.contains(event.target as Node) && onClose();
    document.addEventListener('pointerdown', leave, true);
    return () => document.removeEventListener('pointerdown', leave, true);
  }, [onClose]);

  const act = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <div ref={box} className="menu" style={{ left: Math.min(at.x, (box.current?.parentElement?.clientWidth ?? at.x + 260) - 260), top: at.y }}>
      <div className="caption">
        {place ? either(language, place.name, place.name_en) : coordinates}
      </div>
      {has('dispatcher', 'commander') && (
        <button type="button" onClick={act(() => consoleState.set({ dialog: { kind: 'open', lon: at.lon, lat: at.lat } }))}>
          {t('menu.open_here')}
        </button>
      )}
      <button type="button" onClick={act(() => select({ kind: 'spot', lon: at.lon, lat: at.lat }))}>
        {t('menu.seeing')}
      </button>
      <button
        type="button"
        onClick={act(() => {
          navigator.clipboard.writeText(coordinates).then(
            () => showText(t('menu.copied')),
            (error: unknown) => showError(error),
          );
        })}
      >
        {t('menu.copy', { coordinates })}
      </button>
    </div>
  );
}
