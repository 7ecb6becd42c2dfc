/** Zones that are drawn on the map, and what is said of the one under the pointer. */
import { useEffect, useMemo, useState } from 'react';
import { useFeed } from '../../feed';
import { named, useText } from '../../i18n';
import { useMap, useOverlay } from '../../map/context';
import { collection } from '../../map/features';
import { useConsoleText } from './messages';
import { zoneLayers } from './overlays';
import { consoleState } from './state';
import { useZones, useZonesRead } from './useZones';
import { zoneFacts } from './zoneFacts';

export function Zones() {
  useZonesRead();
  const shared = useText();
  const { zones } = useZones();
  const hover = consoleState.use((state) => state.hoverZones);
  const selection = consoleState.use((state) => state.selection);
  const chosen = selection?.kind === 'zone' ? selection.id : null;
  const data = useMemo(
    () =>
      collection(
        zones.flatMap((zone) => {
          const [first] = zone.ground;
          if (!first) return [];
          const properties = {
            kind: 'zone',
            id: zone.id,
            label: `${named(shared.language, zone)} · ${shared(`alarm_kind.${zone.rule}`)}`,
            on: zone.enabled,
            strong: hover.includes(zone.id) || zone.id === chosen,
          };
          const geometry =
            zone.ground.length > 2 ? { type: 'Polygon' as const, coordinates: [[...zone.ground, first]] } : { type: 'LineString' as const, coordinates: zone.ground };
          return [{ type: 'Feature' as const, properties, geometry }];
        }),
      ),
    [shared, zones, hover, chosen],
  );
  useOverlay('zones', zoneLayers, { data });
  return hover.length === 0 ? null : <Tip ids={hover} />;
}

/** Beside the pointer, of each zone there: name, rule, cameras. */
function Tip({ ids }: { ids: readonly number[] }) {
  const { map } = useMap();
  const t = useConsoleText();
  const shared = useText();
  const feed = useFeed();
  const { zones, outlines } = useZones();
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);
  useEffect(() => {
    const move = (event: { point: { x: number; y: number } }) => setAt({ x: event.point.x, y: event.point.y });
    map.on('mousemove', move);
    return () => {
      map.off('mousemove', move);
    };
  }, [map]);
  const found = ids.flatMap((id) => zoneFacts(id, zones, outlines, (one) => feed.cameras.get(one)) ?? []);
  if (found.length === 0 || !at) return null;
  const { clientWidth, clientHeight } = map.getContainer();
  return (
    <div
      className="map-tip"
      role="tooltip"
      data-testid="zone-tip"
      data-left={at.x > clientWidth / 2 || undefined}
      data-up={at.y > clientHeight / 2 || undefined}
      style={{ left: at.x, top: at.y }}
    >
      {found.map(({ zone, cameras }) => (
        <p key={zone.id}>
          <strong>{named(shared.language, zone)}</strong>
          <span>{[shared(`alarm_kind.${zone.rule}`), !zone.enabled && t('zone.off')].filter(Boolean).join(' · ')}</span>
          <span className="muted">{cameras.length ? cameras.map((camera) => named(shared.language, camera)).join(shared('list.comma')) : t('zone.unseen')}</span>
        </p>
      ))}
    </div>
  );
}
