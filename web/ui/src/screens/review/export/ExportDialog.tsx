import { useEffect, useMemo, useState } from 'react';
import { exports as routes, type Estimate, type MaskIn } from '../../../api/footage';
import type { Camera } from '../../../api/types';
import { Dialog } from '../../../components/Dialog';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { named, useText } from '../../../i18n';
import { bytes, duration } from '../../../i18n/format';
import { StretchFields } from '../StretchFields';
import type { Marks } from '../playhead';
import { messages } from '../text';
import { packingTime } from './estimate';
import { RegionEditor } from './RegionEditor';
import { toPolygon, type Region } from './regions';

interface Props {
  cameras: readonly Camera[];
  stretch: Marks;
  onClose: () => void;
  /** The job has begun: its tray is shown. */
  onStarted: () => void;
}

const LEAST_REASON = 3;
const LOOK_MS = 300;

/** Packs footage with its proof: of which cameras, from when to when, why, and what is made unrecognisable. */
export function ExportDialog({ cameras, stretch, onClose, onStarted }: Props) {
  const t = messages.use();
  const shared = useText();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(() => new Set(cameras.map((camera) => camera.id)));
  const [range, setRange] = useState(stretch);
  const [reason, setReason] = useState('');
  const [people, setPeople] = useState(false);
  const [drawn, setDrawn] = useState(false);
  const [style, setStyle] = useState<MaskIn['style']>('pixelate');
  const [sound, setSound] = useState(false);
  const [regions, setRegions] = useState<ReadonlyMap<number, Region[]>>(new Map());
  const [drawing, setDrawing] = useState(cameras[0]?.id ?? 0);
  const [estimate, setEstimate] = useState<Estimate | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const ids = useMemo(() => cameras.filter((camera) => chosen.has(camera.id)).map((camera) => camera.id), [cameras, chosen]);
  const exported = cameras.filter((camera) => chosen.has(camera.id));
  const drawingOn = exported.find((camera) => camera.id === drawing) ?? exported[0];
  const anyRegion = ids.some((id) => (regions.get(id)?.length ?? 0) > 0);
  const whole = range.toMs > range.fromMs;

  useEffect(() => {
    setEstimate(null);
    if (ids.length === 0 || !whole) return;
    const abort = new AbortController();
    const soon = setTimeout(() => {
      routes.estimate(ids, range, abort.signal).then(setEstimate, (error: unknown) => {
        if (!abort.signal.aborted) setProblem(error);
      });
    }, LOOK_MS);
    return () => {
      abort.abort();
      clearTimeout(soon);
    };
  }, [ids, range.fromMs, range.toMs, whole]);

  const masked = people || drawn;
  const missing = !ids.length
    ? t('export.need_camera')
    : !whole
      ? t('export.need_time')
      : reason.trim().length < LEAST_REASON
        ? t('export.need_reason')
        : drawn && !people && !anyRegion
          ? t('export.need_region')
          : null;

  const start = async () => {
    if (missing || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const mask: MaskIn | null = masked
        ? {
            style,
            people,
            sound,
            regions: drawn ? Object.fromEntries(ids.flatMap((id) => (regions.get(id)?.length ? [[id, (regions.get(id) as Region[]).map(toPolygon)]] : []))) : {},
          }
        : null;
      await routes.start(ids, range, reason.trim(), mask);
      onStarted();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={t('review.export_long')}
      onClose={onClose}
      onSubmit={() => void start()}
      wide
      footer={
        <>
          <span className="rx-missing muted" role="status">
            {missing}
          </span>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={missing !== null || busy || estimate?.allowed === false} data-testid="export-start">
            {t('export.start')}
          </button>
        </>
      }
    >
      {problem !== null && <ErrorNotice error={problem} onDismiss={() => setProblem(null)} />}
      <div className="rx-columns">
        <div className="rx-column">
          <label className="field">
            <span className="label">{t('export.reason')}</span>
            <textarea
              className="input"
              rows={2}
              maxLength={500}
              required
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              placeholder={t('export.reason_hint')}
              data-testid="export-reason"
            />
          </label>
          <StretchFields range={range} onRange={setRange} />
          <fieldset className="rx-choice">
            <legend className="label">{t('review.cameras')}</legend>
            {cameras.map((camera) => {
              const found = estimate?.cameras.find((each) => each.camera_id === camera.id);
              return (
                <label key={camera.id} className="rv-check">
                  <input
                    type="checkbox"
                    checked={chosen.has(camera.id)}
                    onChange={() => {
                      const next = new Set(chosen);
                      if (!next.delete(camera.id)) next.add(camera.id);
                      setChosen(next);
                    }}
                  />
                  <span className="ellipsis">{named(t.language, camera)}</span>
                  {found && (
                    <span className="muted">
                      {found.bytes > 0 ? `${duration(found.recorded_s, t.language)} · ${bytes(found.bytes)}` : t('export.nothing')}
                    </span>
                  )}
                </label>
              );
            })}
          </fieldset>
        </div>
        <div className="rx-column">
          <fieldset className="rx-choice">
            <legend className="label">{t('export.mask')}</legend>
            <label className="rv-check">
              <input type="checkbox" checked={people} onChange={(event) => setPeople(event.target.checked)} />
              <span>{t('export.mask_people')}</span>
            </label>
            <label className="rv-check">
              <input type="checkbox" checked={drawn} onChange={(event) => setDrawn(event.target.checked)} data-testid="export-regions" />
              <span>{t('export.mask_regions')}</span>
            </label>
            <p className="muted">{t(masked ? 'export.mask_yes' : 'export.mask_no')}</p>
          </fieldset>
          {masked && (
            <div className="rv-pair">
              <label className="field">
                <span className="label">{t('export.style')}</span>
                <select className="input" value={style} onChange={(event) => setStyle(event.target.value as MaskIn['style'])}>
                  <option value="pixelate">{t('export.style.pixelate')}</option>
                  <option value="blur">{t('export.style.blur')}</option>
                </select>
              </label>
              <label className="rv-check rx-sound">
                <input type="checkbox" checked={sound} onChange={(event) => setSound(event.target.checked)} />
                <span>{t('export.sound')}</span>
              </label>
            </div>
          )}
          {drawn && drawingOn && (
            <>
              {exported.length > 1 && (
                <div className="rv-row" role="group" aria-label={t('export.mask_regions')}>
                  {exported.map((camera) => (
                    <button key={camera.id} type="button" className="button small" aria-pressed={camera.id === drawingOn.id} onClick={() => setDrawing(camera.id)}>
                      {named(t.language, camera)} ({regions.get(camera.id)?.length ?? 0})
                    </button>
                  ))}
                </div>
              )}
              <RegionEditor
                key={drawingOn.id}
                camera={drawingOn}
                atMs={range.fromMs}
                regions={regions.get(drawingOn.id) ?? []}
                onRegions={(next) => setRegions(new Map(regions).set(drawingOn.id, next))}
              />
            </>
          )}
        </div>
      </div>
      <p className="rx-estimate" data-testid="export-estimate" aria-live="polite">
        {estimate === null ? (
          <span className="muted">{ids.length && whole ? t('export.estimating') : ' '}</span>
        ) : estimate.bytes === 0 ? (
          <strong>{t('export.nothing_at_all')}</strong>
        ) : (
          <>
            <strong>{bytes(estimate.bytes)}</strong>
            <span>
              {t('export.estimate', {
                recorded: duration(estimate.recorded_s, t.language),
                time: duration(packingTime(estimate, masked), t.language),
              })}
            </span>
            {!estimate.allowed && (
              <span role="alert">
                {t('export.too_large', { limit: bytes(Math.min(estimate.limit_bytes, estimate.free_bytes)) })}
              </span>
            )}
          </>
        )}
      </p>
    </Dialog>
  );
}
