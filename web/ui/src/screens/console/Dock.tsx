import { ChevronDown, ChevronUp, History } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { cameras as cameraApi } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { useSession } from '../../app/session';
import { useFeed, useRow, useRows } from '../../feed';
import { either, useLanguage } from '../../i18n';
import { distance } from '../../i18n/format';
import { LivePlayer } from '../../live/LivePlayer';
import { useFetched } from './fetched';
import { useLocated } from './locate';
import { useConsoleText } from './messages';
import { consoleState, keep } from './state';

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
  const spot = at && selection?.kind !== 'camera' ? `${near(at[0])},${near(at[1])}` : null;
  const { data: seeing, loading } = useFetched(spot, (key, signal) => {
    const [lon = 0, lat = 0] = key.split(',').map(Number);
    return cameraApi.seeing(lon, lat, signal);
  });

  const docked = useMemo<Docked[]>(() => {
    const rows = (seeing ?? []).map((row) => ({ id: row.camera_id, distance_m: row.distance_m as number | null }));
    const order = own === null ? rows : [{ id: own, distance_m: rows.find((row) => row.id === own)?.distance_m ?? null }, ...rows.filter((row) => row.id !== own)];
    return order.slice(0, MOST).flatMap((row) => {
      const camera = cameras.find((candidate) => candidate.id === row.id);
      return camera ? [{ camera, distance_m: row.distance_m }] : [];
    });
  }, [cameras, own, seeing]);

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
                  {distance_m !== null && <span className="live-badge">{distance(distance_m)}</span>}
                  {has('reviewer', 'dispatcher', 'commander', 'admin') && (
                    <a className="button quiet icon small" href={`/review?camera=${camera.id}`} target="_blank" rel="noreferrer" title={t('dock.review')} aria-label={t('dock.review')}>
                      <History size={14} aria-hidden />
                    </a>
                  )}
                </>
              }
            />
          ))}
        </div>
      )}
    </section>
  );
}
