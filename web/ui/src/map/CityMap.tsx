import { Minus, Plus } from 'lucide-react';
import { Map as GlMap, ScaleControl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { LonLat } from '../api/types';
import { remember, remembered } from '../app/store';
import { getTheme, useTheme } from '../app/theme';
import { getLanguage, useLanguage } from '../i18n';
import { MapReady } from './context';
import './map.css';
import { PALETTES } from './palette';
import { buildStyle, FONT } from './style';
import { installSymbols } from './symbols';
import './worker';

interface View {
  center: LonLat;
  zoom: number;
}

interface Props {
  /** Under this name the view is remembered in this browser. */
  name: string;
  /** Where to look the first time. */
  initial?: View;
  children?: ReactNode;
  labels: { zoomIn: string; zoomOut: string; map: string; attribution: string };
  onFirstView?: (map: GlMap, hadView: boolean) => void;
}

// The middle of the demo city; a city's own cameras set the first view as soon as they are known.
const SOMEWHERE: View = { center: [120.98, 31.38], zoom: 14 };

/** The base map in the theme and language in force, north up, with zoom, scale and attribution. It never moves by itself. */
export function CityMap({ name, initial, children, labels, onFirstView }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [epoch, setEpoch] = useState(0);
  const theme = useTheme();
  const language = useLanguage();
  const first = useRef(true);

  useEffect(() => {
    const container = box.current;
    if (!container) return;
    const key = `wanglou.map.${name}`;
    const view = remembered<View | null>(key, null);
    const { center, zoom } = view ?? initial ?? SOMEWHERE;
    const made = new GlMap({
      container,
      center,
      zoom,
      minZoom: 9,
      maxZoom: 20,
      style: buildStyle(getTheme(), getLanguage()),
      localIdeographFontFamily: FONT.join(','),
      attributionControl: false,
      keyboard: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      maxPitch: 0,
    });
    made.touchZoomRotate.disableRotation();
    made.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    installSymbols(made, () => ({ palette: PALETTES[getTheme()], language: getLanguage() }));
    made.on('style.load', () => setEpoch((before) => before + 1));
    // A panel that opens takes room from the map's edge; what the map shows stays where it is on the screen.
    let size = { width: container.clientWidth, height: container.clientHeight };
    made.on('resize', () => {
      const next = { width: container.clientWidth, height: container.clientHeight };
      if (size.width > 0 && next.width > 0) made.panBy([(next.width - size.width) / 2, (next.height - size.height) / 2], { animate: false });
      if (next.width > 0) size = next;
    });
    made.on('moveend', () => remember(key, { center: made.getCenter().toArray(), zoom: made.getZoom() }));
    made.on('error', (event) => console.warn('map:', event.error));
    setMap(made);
    onFirstView?.(made, view !== null);
    return () => made.remove();
    // The map is made once; what it shows comes through its children and the effects below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name]);

  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    map?.setStyle(buildStyle(theme, language), { diff: false });
  }, [map, theme, language]);

  useEffect(() => {
    const canvas = map?.getCanvas();
    canvas?.setAttribute('aria-label', labels.map); // the library's own word is English in every language
    canvas?.setAttribute('tabindex', '-1'); // it takes no keys, so the Tab key does not stop at it
  }, [map, labels.map]);

  return (
    <div className="city-map">
      <div ref={box} className="city-map-canvas" data-testid="map" role="application" aria-label={labels.map} />
      {map && epoch > 0 && <MapReady.Provider value={{ map, epoch }}>{children}</MapReady.Provider>}
      <div className="map-zoom">
        <button type="button" aria-label={labels.zoomIn} title={labels.zoomIn} onClick={() => map?.zoomIn({ duration: 120 })}>
          <Plus size={16} aria-hidden />
        </button>
        <button type="button" aria-label={labels.zoomOut} title={labels.zoomOut} onClick={() => map?.zoomOut({ duration: 120 })}>
          <Minus size={16} aria-hidden />
        </button>
      </div>
      <div className="map-attribution">{labels.attribution}</div>
    </div>
  );
}

