/** Where the selection is and what it is called: for the map, the dock and the arrow at the edge. */
import { useMemo } from 'react';
import type { LonLat } from '../../api/types';
import { useFeed, useRow } from '../../feed';
import { either, named, useLanguage } from '../../i18n';
import { useConsoleText } from './messages';
import { consoleState, type Selection } from './state';
import { useZones } from './useZones';
import { middleOf } from './zoneFacts';

export interface Located {
  selection: Selection;
  at: LonLat | null;
  label: string;
}

const idOf = (selection: Selection | null, kind: Selection['kind']): number | null =>
  selection?.kind === kind && 'id' in selection ? selection.id : null;

export function useLocated(): Located | null {
  const t = useConsoleText();
  const language = useLanguage();
  const feed = useFeed();
  const selection = consoleState.use((state) => state.selection);
  const alarm = useRow(feed.alarms, idOf(selection, 'alarm'));
  const incident = useRow(feed.incidents, idOf(selection, 'incident'));
  const unit = useRow(feed.units, idOf(selection, 'unit'));
  const camera = useRow(feed.cameras, idOf(selection, 'camera'));
  const vehicle = useRow(feed.vehicles, idOf(selection, 'vehicle'));
  const sensor = useRow(feed.sensors, idOf(selection, 'sensor'));
  const { zones } = useZones();
  const zone = zones.find((each) => each.id === idOf(selection, 'zone'));
  return useMemo(() => {
    if (!selection) return null;
    const found = (thing: { lon: number | null; lat: number | null } | undefined, label: string | undefined): Located => ({
      selection,
      at: thing && thing.lon !== null && thing.lat !== null ? [thing.lon, thing.lat] : null,
      label: label ?? '',
    });
    switch (selection.kind) {
      case 'alarm':
        return found(alarm, alarm && either(language, alarm.title, alarm.title_en));
      case 'incident':
        return found(incident, incident && `#${incident.id}`);
      case 'unit':
        return found(unit, unit?.code);
      case 'camera':
        return found(camera, camera && named(language, camera));
      case 'vehicle':
        return found(vehicle, vehicle?.plate ?? vehicle?.name);
      case 'sensor':
        return found(sensor, sensor && named(language, sensor));
      case 'zone':
        return { selection, at: zone ? middleOf(zone.ground) : null, label: zone ? named(language, zone) : '' };
      case 'spot':
        return found(selection, t('dock.spot'));
      case 'place':
        return found(selection.place, named(language, selection.place));
    }
  }, [selection, alarm, incident, unit, camera, vehicle, sensor, zone, language, t]);
}
