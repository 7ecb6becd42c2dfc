import { ChevronDown, ChevronUp, History, Move, PencilRuler, Pentagon } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { cameras as cameraApi } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { useSession } from '../../app/session';
import { useFeed, useRow, useRows } from '../../feed';
import { either, named, useLanguage, useText } from '../../i18n';
import { distance } from '../../i18n/format';
import { useCommands } from '../../keys';
import { LivePlayer } from '../../live/LivePlayer';
import { PtzControl, useTurns } from '../../ptz/PtzControl';
import { useFetched } from '../../app/fetched';
import { useLocated } from './locate';
import { useConsoleText } from './messages';
import { ShapesOverlay } from '../../picture';
import { shapesOf } from '../../zones/shapes';
import { consoleState, keep } from './state';
import { useZones } from './useZones';
import { zoneFacts } from './zoneFacts';

const MOST = 4;
/** A thing that drives is asked about again when it has come this far: about fifty metres. */
const GRID_DEG = 0.0005;

interface Docked {
  camera: Camera;
  distance_m: number | null;
}

/** Live pictures of the cameras that see what is selected, best first. */
export function Dock() {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const { has } = useSession();
  const feed = useFeed();
  const cameras = useRows(feed.cameras);
  const located = useLocated();
  const shown = consoleState.use((state) => state.dockShown);
  const selection = located?.selection ?? null;
  const alarm = useRow(feed.alarms, selection?.kind === 'alarm' ? selection.id : null);
  const own = selection?.kind === 'camera' ? selection.id : (alarm?.camera_id ?? null);
  const at = located?.at ?? null;
  const steady = selection?.kind === 'unit' || selection?.kind === 'vehicle';
  const near = (value: number) => (steady ? Math.round(value / GRID_DEG) * GRID_DEG : value).toFixed(6);
  // A selected camera is watched alone: what else sees the place where it hangs is beside the point.
  const spot = at && selection?.kind !== 'camera' && selection?.kind !== 'zone' ? `${near(at[0])},${near(at[1])}` : null;
  const { data: seeing, loading } = useFetched(spot, (key, signal) => {
    const [lon = 0, lat = 0] = key.split(',').map(Number);
    return cameraApi.seeing(lon, lat, signal);
  });

  const { zones, outlines } = useZones();
  const docked = useMemo<Docked[]>(() => {
    if (selection?.kind === 'zone') {
      const facts = zoneFacts(selection.id, zones, outlines, (id) => cameras.find((camera) => camera.id === id));
      return (facts?.cameras ?? []).slice(0, MOST).map((camera) => ({ camera, distance_m: null }));
    }
    const rows = (seeing ?? []).map((row) => ({ id: row.camera_id, distance_m: row.distance_m as number | null }));
    const order = own === null ? rows : [{ id: own, distance_m: rows.find((row) => row.id === own)?.distance_m ?? null }, ...rows.filter((row) => row.id !== own)];
    return order.slice(0, MOST).flatMap((row) => {
      const camera = cameras.find((candidate) => candidate.id === row.id);
      return camera ? [{ camera, distance_m: row.distance_m }] : [];
    });
  }, [cameras, own, seeing, selection, zones, outlines]);

  const layers = consoleState.use((state) => state.layers);
  const titles = useMemo(() => Object.fromEntries(zones.map((zone) => [String(zone.id), `${named(language, zone)} · ${shared(`alarm_kind.${zone.rule}`)}`])), [language, shared, zones]);
  const turns = useTurns();
  const [turning, setTurning] = useState<number | null>(null);
  const turned = shown ? docked.find(({ camera }) => camera.id === turning && turns(camera))?.camera : undefined;
  useCommands([{ id: 'dock.turned', keys: ['Escape'], group: 'video', label: t('dock.turn_end'), run: () => setTurning(null), enabled: turned !== undefined }]);

  const ids = docked.map((entry) => entry.camera.id).join();
  useEffect(() => {
    consoleState.set({ docked: shown && ids ? ids.split(',').map(Number) : [] });
  }, [ids, shown]);

  const title =
    selection === null
      ? t('dock.idle')
      : selection.kind === 'camera'
        ? t('dock.camera')
        : docked.length === 0 && loading
          ? t('dock.looking')
          : docked.length === 0
            ? t('dock.none')
            : t('dock.title', { what: alarm ? either(language, alarm.place, alarm.place_en) || t('dock.spot') : (located?.label ?? '') });

  return (
    <section className="dock" aria-label={t('dock.camera')} data-open={(shown && docked.length > 0) || undefined}>
      <header>
        <span className="ellipsis">{title}</span>
        <button type="button" className="button quiet icon small" aria-expanded={shown} title={`${t(shown ? 'dock.hide' : 'dock.show')} (B)`} aria-label={t(shown ? 'dock.hide' : 'dock.show')} onClick={() => keep({ dockShown: !shown })}>
          {shown ? <ChevronDown size={16} aria-hidden /> : <ChevronUp size={16} aria-hidden />}
        </button>
      </header>
      {shown && docked.length > 0 && (
        <div className="dock-row">
          {docked.map(({ camera, distance_m }) => (
            <LivePlayer
              key={camera.id}
              camera={camera}
              selected={camera.id === own}
              actions={
                <>
                  {turns(camera) && (
                    <button
                      type="button"
                      className="button quiet icon small"
                      aria-pressed={camera.id === turned?.id}
                      title={t('dock.turn')}
                      aria-label={t('dock.turn')}
                      data-testid="dock-turn"
                      onClick={() => setTurning(camera.id === turned?.id ? null : camera.id)}
                    >
                      <Move size={14} aria-hidden />
                    </button>
                  )}
                  {distance_m !== null && <span className="live-badge">{distance(distance_m)}</span>}
                  <button
                    type="button"
                    className="button quiet icon small"
                    aria-pressed={layers.zones}
                    title={t('dock.zones_show')}
                    aria-label={t('dock.zones_show')}
                    data-testid="dock-zones"
                    onClick={() => keep({ layers: { ...layers, zones: !layers.zones } })}
                  >
                    <Pentagon size={14} aria-hidden />
                  </button>
                  {has('admin') && (
                    <a className="button quiet icon small" href={`/admin?tab=zones&camera=${camera.id}`} target="_blank" rel="noreferrer" title={t('dock.zones')} aria-label={t('dock.zones')}>
                      <PencilRuler size={14} aria-hidden />
                    </a>
                  )}
                  {has('reviewer', 'dispatcher', 'commander', 'admin') && (
                    <a className="button quiet icon small" href={`/review?camera=${camera.id}`} target="_blank" rel="noreferrer" title={t('dock.review')} aria-label={t('dock.review')}>
                      <History size={14} aria-hidden />
                    </a>
                  )}
                </>
              }
            >
              {layers.zones && <ShapesOverlay camera={camera} shapes={shapesOf(camera.id, zones, outlines, (zone) => named(language, zone))} titles={titles} />}
              {camera.id === turned?.id && <PtzControl key={camera.id} camera={camera} />}
            </LivePlayer>
          ))}
        </div>
      )}
    </section>
  );
}
