import { useEffect, useMemo } from 'react';
import type { MapMouseEvent } from 'maplibre-gl';
import type { Camera, LonLat, Zone } from '../api/types';
import { named } from '../i18n';
import { CityMap } from '../map/CityMap';
import { useMap, useOverlay, type MakeLayers } from '../map/context';
import { collection } from '../map/features';
import { bounds } from '../map/geometry';
import { FONT } from '../map/style';
import { messages } from './text';

interface Props {
  zones: readonly Zone[];
  cameras: readonly Camera[];
  onPick: (zone: Zone) => void;
}

const layers: MakeLayers = (palette) => [
  { id: 'zones-all-fill', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': palette.accent, 'fill-opacity': ['case', ['get', 'on'], 0.16, 0.05] } },
  { id: 'zones-all-line', type: 'line', paint: { 'line-color': ['case', ['get', 'on'], palette.accent, palette.muted], 'line-width': 2 } },
  {
    id: 'zones-all-name',
    type: 'symbol',
    layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-variable-anchor': ['center', 'top', 'bottom'] },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  },
];
const REACH_PX = 4;

/** All zones of the map; a click on one opens it. */
export function ZonesMap({ zones, cameras, onPick }: Props) {
  const t = messages.use();
  return (
    <div className="zn-map-box">
      <CityMap
        name="zones"
        labels={{ map: t('zones.map_label'), zoomIn: t('zones.map_zoom_in'), zoomOut: t('zones.map_zoom_out'), attribution: '' }}
        onFirstView={(map, had) => {
          const drawn = zones.flatMap((zone) => zone.ground);
          const around = bounds(drawn.length ? drawn : cameras.map((camera): LonLat => [camera.lon, camera.lat]));
          if (around && !had) map.fitBounds(around, { padding: 80, maxZoom: 17, animate: false });
        }}
      >
        <Drawn zones={zones} onPick={onPick} />
      </CityMap>
    </div>
  );
}

function Drawn({ zones, onPick }: Pick<Props, 'zones' | 'onPick'>) {
  const t = messages.use();
  const { map } = useMap();
  const data = useMemo(
    () =>
      collection(
        zones.flatMap((zone) => {
          const [first] = zone.ground;
          if (!first) return [];
          const geometry =
            zone.ground.length > 2 ? { type: 'Polygon' as const, coordinates: [[...zone.ground, first]] } : { type: 'LineString' as const, coordinates: zone.ground };
          return [{ type: 'Feature' as const, properties: { id: zone.id, label: named(t.language, zone), on: zone.enabled }, geometry }];
        }),
      ),
    [t, zones],
  );
  useOverlay('zones-all', layers, { data });
  useEffect(() => {
    const under = ({ point: { x, y } }: MapMouseEvent) => {
      const shown = ['zones-all-line', 'zones-all-fill'].filter((layer) => map.getLayer(layer));
      const [top] = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: shown });
      return zones.find((zone) => zone.id === top?.properties['id']);
    };
    const click = (event: MapMouseEvent) => {
      const zone = under(event);
      if (zone) onPick(zone);
    };
    const hover = (event: MapMouseEvent) => {
      map.getCanvas().style.cursor = under(event) ? 'pointer' : '';
    };
    map.on('click', click);
    map.on('mousemove', hover);
    return () => {
      map.off('click', click);
      map.off('mousemove', hover);
      map.getCanvas().style.cursor = '';
    };
  }, [map, onPick, zones]);
  return null;
}
