import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as GlMap } from 'maplibre-gl';
import { createContext, useContext, useEffect, useRef } from 'react';
import type { Language } from '../api/types';
import { useLanguage } from '../i18n';
import { useTheme } from '../app/theme';
import { EMPTY } from './features';
import { PALETTES, type Palette } from './palette';

export interface MapContext {
  map: GlMap;
  /** Rises each time a new style is in force: sources and layers must be added again. */
  epoch: number;
}

export const MapReady = createContext<MapContext | null>(null);

/** For what stands inside `<CityMap>`. */
export function useMap(): MapContext {
  const value = useContext(MapReady);
  if (!value) throw new Error('useMap is only for what stands inside a CityMap');
  return value;
}

/** A layer without its source: that is the overlay's own. */
export type OverlayLayer = LayerSpecification extends infer L ? (L extends { source: string } ? Omit<L, 'source'> : never) : never;

export type MakeLayers = (palette: Palette, language: Language) => OverlayLayer[];

/**
 * One GeoJSON source with its layers, above what was added before it. `make` is read when a style comes into force;
 * `data` may change as often as it likes. Returns a setter for data that moves outside React.
 */
export function useOverlay(
  id: string,
  make: MakeLayers,
  options: { data?: FeatureCollection; visible?: boolean } = {},
): (data: FeatureCollection) => void {
  const { map, epoch } = useMap();
  const theme = useTheme();
  const language = useLanguage();
  const latest = useRef<FeatureCollection>(options.data ?? EMPTY);
  const layerIds = useRef<string[]>([]);
  const visible = options.visible !== false;
  if (options.data) latest.current = options.data;

  useEffect(() => {
    if (epoch === 0 || map.getSource(id)) return;
    map.addSource(id, { type: 'geojson', data: latest.current });
    layerIds.current = [];
    for (const layer of make(PALETTES[theme], language)) {
      map.addLayer({ ...layer, source: id } as LayerSpecification);
      layerIds.current.push(layer.id);
      if (!visible) map.setLayoutProperty(layer.id, 'visibility', 'none');
    }
    // `make` and the theme are read when `epoch` says that a new style wants its layers.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [epoch, id, map]);

  useEffect(() => {
    for (const layer of layerIds.current) {
      if (map.getLayer(layer)) map.setLayoutProperty(layer, 'visibility', visible ? 'visible' : 'none');
    }
  }, [epoch, map, visible]);

  useEffect(() => {
    if (options.data) void map.getSource<GeoJSONSource>(id)?.setData(options.data);
  }, [epoch, id, map, options.data]);

  const set = useRef((data: FeatureCollection) => {
    latest.current = data;
    void map.getSource<GeoJSONSource>(id)?.setData(data);
  });
  return set.current;
}
