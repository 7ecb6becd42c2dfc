import { Save, Undo2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { poses, ptz as ptzRoutes } from '../../../api/endpoints';
import type { Calibrate, CalibrateIn, Camera, ControlPoints, LonLat, PoseIn, Spot } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { keepTab } from '../../../components/keepTab';
import { useFeed } from '../../../feed';
import { useText } from '../../../i18n';
import type { Point } from '../../../picture';
import { Check, TextField } from '../parts';
import './calibrate.css';
import { Facts, Problems } from './FitFacts';
import { MapPane } from './MapPane';
import { PicturePane } from './PicturePane';
import { changed, complete, inPicture, onMap, pending, sent, type Draft } from './points';
import { PointTable } from './PointTable';
import { messages } from './text';
import { usePresets } from './usePresets';

type Value = CalibrateIn['solve'][number];
const VALUES: readonly Value[] = ['yaw', 'pitch', 'roll', 'hfov', 'height', 'position', 'k1', 'k2'];
const OWN: ReadonlySet<Value> = new Set(['height', 'position']);
const KEPT = { height: 'height_m', yaw: 'yaw_deg', pitch: 'pitch_deg', roll: 'roll_deg', hfov: 'hfov_deg' } as const;
type Kept = Partial<Record<(typeof KEPT)[keyof typeof KEPT], string>>;
const WAIT_MS = 180;
const HISTORY = 100;

/** Where a camera looks, fitted to spots clicked in its picture and on the map. Fills the screen; Esc leaves it. */
export function CalibrateScreen({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const [preset, setPreset] = useState<string | null>(null);
  const [saved, setSaved] = useState<ControlPoints | null>(null);
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const [past, setPast] = useState<Draft[][]>([]);
  const [solve, setSolve] = useState<Value[]>(['yaw', 'pitch', 'roll', 'hfov']);
  const [kept, setKept] = useState<Kept>({});
  const [fit, setFit] = useState<Calibrate | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const [spot, setSpot] = useState<Spot | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const turning = usePresets(camera);
  /** The points as the server has them. */
  const unchanged = useRef<Draft[]>(drafts);

  const load = async () => {
    try {
      const found = await poses.points(camera.id, preset);
      setSaved(found);
      unchanged.current = found.points.map(({ number, x, y, lon, lat, up_m }) => ({ number, at: [x, y] as Point, place: [lon, lat] as LonLat, up_m }));
      setDrafts(unchanged.current);
      setKept({});
      setError(null);
    } catch (problem) {
      setError(problem);
    }
    setPast([]);
    setFit(null);
    setChosen(null);
  };
  useEffect(() => {
    setSolve((before) => (preset === null ? before : before.filter((value) => !OWN.has(value))));
    void load();
    // Another preset is another work; the camera's own row may change under it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [camera.id, preset]);

  const commit = (next: Draft[]) => {
    setPast((before) => [...before.slice(-HISTORY), drafts]);
    setDrafts(next);
    setSaid('');
  };
  const undo = () => {
    const before = past.at(-1);
    if (!before) return;
    setPast(past.slice(0, -1));
    setDrafts(before);
  };
  const dragged = useRef<Draft[] | null>(null);
  const move = (number: number, at: Point, done: boolean) => {
    dragged.current ??= drafts;
    setDrafts(changed(drafts, number, { at }));
    setChosen(number);
    if (!done) return;
    const before = dragged.current;
    dragged.current = null;
    setPast((all) => [...all.slice(-HISTORY), before]);
  };

  const given = Object.fromEntries(
    Object.entries(KEPT).flatMap(([value, field]) => {
      const text = kept[field];
      return !solve.includes(value as Value) && text !== undefined && text.trim() !== '' && Number.isFinite(Number(text)) ? [[field, Number(text)]] : [];
    }),
  ) as PoseIn;
  const body: CalibrateIn = { preset, points: sent(drafts), solve, pose: given };
  const asked = JSON.stringify(body);
  const turn = useRef(0);
  useEffect(() => {
    const request = JSON.parse(asked) as CalibrateIn;
    const mine = ++turn.current;
    if (request.points.length === 0 || request.solve.length === 0) {
      setFit(null);
      return;
    }
    const timer = setTimeout(() => {
      poses.calibrate(camera.id, request).then(
        (found) => {
          if (mine !== turn.current) return;
          setFit(found);
          setError(null);
        },
        (problem: unknown) => mine === turn.current && setError(problem),
      );
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [asked, camera.id]);

  const asking = useRef<{ busy: boolean; next: Point | null }>({ busy: false, next: null });
  const hover = (at: Point | null) => {
    const state = asking.current;
    state.next = at;
    if (at === null) setSpot(null);
    if (at === null || state.busy) return;
    state.busy = true;
    // One question at a time, and then the newest: the pointer is faster than any network.
    poses
      .spot(camera.id, at[0], at[1], preset, fit?.pose ?? null)
      .then(
        (found) => asking.current.next && setSpot(found),
        () => setSpot(null),
      )
      .finally(() => {
        state.busy = false;
        if (state.next && state.next !== at) hover(state.next);
      });
  };

  const attempt = async (work: (version: number) => Promise<void>) => {
    if (!saved) return;
    setBusy(true);
    setError(null);
    try {
      await work(saved.version);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const save = () =>
    attempt(async (version) => {
      const camera_ = await poses.save(camera.id, version, body);
      feed.cameras.upsert([camera_]);
      setSaved(await poses.points(camera.id, preset));
      unchanged.current = drafts;
      setSaid(t('calibrate.saved'));
    });
  const keep = () =>
    attempt(async (version) => {
      setSaved(await poses.savePoints(camera.id, version, preset, body.points));
      unchanged.current = drafts;
      setSaid(t('calibrate.kept'));
    });

  const [leaving, setLeaving] = useState(false);
  useEffect(() => setLeaving(false), [drafts, chosen]);
  /** What is not kept is not lost by one key or click: the first says so, the second goes. */
  const leave = () => {
    if (drafts === unchanged.current || leaving) return onClose();
    setSaid(t('calibrate.unsaved'));
    setLeaving(true);
  };
  const back = () => (chosen === null ? leave() : setChosen(null));
  const pane = (of: 'picture' | 'map') => screen.current?.querySelector<HTMLElement>(of === 'picture' ? '.cal-canvas' : '.cal-map')?.focus();
  const latest = useRef({ undo, back });
  latest.current = { undo, back };
  const screen = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    screen.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') latest.current.back();
      else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !(event.target instanceof HTMLInputElement)) latest.current.undo();
      else return void (screen.current && keepTab(event, screen.current));
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('keydown', onKey, true);
      before?.focus?.();
    };
  }, []);

  const waiting = pending(drafts);
  const ready = drafts.filter(complete).length;
  const hint = waiting
    ? t(waiting.at ? 'calibrate.hint.map' : 'calibrate.hint.picture', { n: waiting.number })
    : ready === 0
      ? t('calibrate.hint.none')
      : ready < 6
        ? t('calibrate.hint.more', { n: ready })
        : t('calibrate.hint.hover');
  const pose = fit?.pose ?? saved?.pose ?? null;
  const eye: LonLat = pose ? [pose.lon, pose.lat] : [camera.lon, camera.lat];
  const home = camera.ptz_home ?? null;
  const away = camera.ptz && (camera.ptz_preset ?? null) !== (preset ?? home);
  return (
    <div ref={screen} className="cal" role="dialog" aria-modal aria-label={t('calibrate.title', { code: camera.code })} tabIndex={-1}>
      <header role="none">
        <h2>{t('calibrate.title', { code: camera.code })}</h2>
        <p className="cal-hint" role="status" data-testid="cal-hint">
          {said || hint}
        </p>
        <button type="button" className="button small" disabled={past.length === 0} onClick={undo}>
          <Undo2 size={16} aria-hidden />
          {t('calibrate.undo')}
        </button>
        <button type="button" className="button small" disabled={busy || !saved} onClick={() => void keep()}>
          {t('calibrate.keep')}
        </button>
        <button type="button" className="button primary small" disabled={busy || !fit?.pose} data-testid="cal-save" onClick={() => void save()}>
          <Save size={16} aria-hidden />
          {t('calibrate.save')}
        </button>
        <button type="button" className="button quiet icon small" aria-label={shared('action.close')} onClick={leave}>
          <X size={18} aria-hidden />
        </button>
      </header>
      <div className="cal-views">
        <PicturePane
          camera={camera}
          drafts={drafts}
          fit={fit}
          saved={saved}
          chosen={chosen}
          onPick={(at, byKey) => {
            commit(inPicture(drafts, at));
            if (byKey) pane('map');
          }}
          onMove={move}
          onChoose={setChosen}
          onHover={hover}
        />
        <MapPane
          camera={camera}
          eye={eye}
          drafts={drafts}
          fieldOfView={(fit?.pose ? fit : saved)?.field_of_view ?? []}
          spot={spot}
          chosen={chosen}
          onPick={(place, byKey) => {
            commit(onMap(drafts, place));
            if (byKey) pane('picture');
          }}
          onMove={(number, place) => commit(changed(drafts, number, { place }))}
          onChoose={setChosen}
        />
      </div>
      <div className="cal-facts">
        <div className="cal-side">
          {error !== null && <ErrorNotice error={error} thing={camera.code} onReload={() => void load()} />}
          {camera.ptz && (
            <div className="cal-preset">
              <label className="field">
                <span className="label">{t('calibrate.preset')}</span>
                <select className="input" value={preset ?? ''} onChange={(event) => setPreset(event.target.value || null)}>
                  <option value="">{t('calibrate.preset_own')}</option>
                  {(turning?.presets ?? []).filter(({ token }) => token !== home).map(({ token, name }) => (
                    <option key={token} value={token}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
              {away && (
                <p>
                  {t('calibrate.preset_away')}{' '}
                  {(preset ?? home) !== null && (
                    <button type="button" className="button small" onClick={() => void ptzRoutes.goto(camera.id, (preset ?? home) as string).catch(setError)}>
                      {t('calibrate.preset_go')}
                    </button>
                  )}
                </p>
              )}
            </div>
          )}
          <fieldset className="cal-values">
            <legend>{t('calibrate.fit')}</legend>
            {VALUES.filter((value) => preset === null || !OWN.has(value)).map((value) => (
              <Check
                key={value}
                label={t(`calibrate.value.${value}`)}
                checked={solve.includes(value)}
                onChange={(on) => setSolve((before) => (on ? [...before, value] : before.filter((each) => each !== value)))}
              />
            ))}
          </fieldset>
          <div className="cal-kept">
            {(Object.keys(KEPT) as (keyof typeof KEPT)[])
              .filter((value) => !solve.includes(value) && (preset === null || value !== 'height'))
              .map((value) => (
                <TextField
                  key={value}
                  label={t(`calibrate.value.${value}`)}
                  type="number"
                  value={kept[KEPT[value]] ?? (pose ? String(Number(pose[KEPT[value]].toFixed(2))) : String(camera[KEPT[value]] ?? ''))}
                  onChange={(text) => setKept((before) => ({ ...before, [KEPT[value]]: text }))}
                />
              ))}
          </div>
          <Facts fit={fit} spot={spot} />
          <p className="muted cal-legend">{t('calibrate.legend')}</p>
        </div>
        <div className="cal-list">
          <Problems fit={fit} language={t.language} />
          <PointTable drafts={drafts} fit={fit} chosen={chosen} onChoose={setChosen} onDrafts={commit} />
        </div>
      </div>
    </div>
  );
}
