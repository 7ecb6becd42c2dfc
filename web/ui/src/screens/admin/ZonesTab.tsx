import { Pentagon, Slash, Trash2, Undo2 } from 'lucide-react';
import { useEffect, useState, type MouseEvent } from 'react';
import { admin, cameras as cameraRoutes } from '../../api/endpoints';
import type { Zone, ZoneIn } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../components/small';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { Check, Field, TextField } from './parts';
import { messages } from './text';

type Draft = Pick<ZoneIn, 'rule' | 'name'> & {
  name_en: string;
  points: [number, number][];
  classes: ('person' | 'vehicle' | 'other')[];
  dwell_s: string;
  rearm_s: string;
  priority: 1 | 2 | 3 | 4;
  direction: 'both' | 'left_to_right' | 'right_to_left';
};

const CLASSES = ['person', 'vehicle', 'other'] as const;
const DIRECTIONS = ['both', 'left_to_right', 'right_to_left'] as const;
const fresh = (rule: Zone['rule']): Draft => ({
  rule,
  name: '',
  name_en: '',
  points: [],
  classes: rule === 'intrusion' ? ['person'] : ['person', 'vehicle'],
  dwell_s: '0',
  rearm_s: '30',
  priority: 2,
  direction: 'both',
});

/** Zones and lines, drawn on the camera's newest picture. */
export function ZonesTab() {
  const t = messages.use();
  const shared = useText();
  const cameras = [...useRows(useFeed().cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const [wanted, setWanted] = useState<number | null>(null);
  const camera = cameras.find((each) => each.id === wanted) ?? cameras[0];
  const [zones, setZones] = useState<Zone[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [picture, setPicture] = useState(Date.now());
  const cameraId = camera?.id;

  const load = async () => {
    if (cameraId === undefined) return;
    try {
      setZones(await admin.zones(cameraId));
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    setDraft(null);
    setError(null);
    setPicture(Date.now());
    void load();
  }, [cameraId]);

  const attempt = async (work: () => Promise<unknown>) => {
    setError(null);
    try {
      await work();
      await load();
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    }
  };
  const save = async () => {
    if (!draft || cameraId === undefined) return;
    const done = await attempt(() =>
      admin.addZone({
        ...draft,
        camera_id: cameraId,
        name_en: draft.name_en || null,
        dwell_s: Number(draft.dwell_s),
        rearm_s: Number(draft.rearm_s),
        enabled: true,
      }),
    );
    if (done) setDraft(null);
  };
  const click = (event: MouseEvent<SVGSVGElement>) => {
    if (!draft || (draft.rule === 'line_crossing' && draft.points.length >= 2)) return;
    const frame = event.currentTarget.getBoundingClientRect();
    const x = Math.min(1, Math.max(0, (event.clientX - frame.left) / frame.width));
    const y = Math.min(1, Math.max(0, (event.clientY - frame.top) / frame.height));
    setDraft({ ...draft, points: [...draft.points, [x, y]] });
  };

  if (!camera) return <Empty title={t('camera.empty')}>{t('camera.empty_hint')}</Empty>;
  const enough = draft && draft.points.length >= (draft.rule === 'intrusion' ? 3 : 2);
  return (
    <div className="ad-zones">
      <div>
        <div className="ad-head">
          <select className="input" aria-label={t('zone.camera')} value={camera.id} onChange={(event) => setWanted(Number(event.target.value))}>
            {cameras.map((each) => (
              <option key={each.id} value={each.id}>
                {each.code} {named(t.language, each)}
              </option>
            ))}
          </select>
          <button type="button" className="button" aria-pressed={draft?.rule === 'intrusion'} onClick={() => setDraft(fresh('intrusion'))}>
            <Pentagon size={16} aria-hidden />
            {t('zone.add')}
          </button>
          <button type="button" className="button" aria-pressed={draft?.rule === 'line_crossing'} onClick={() => setDraft(fresh('line_crossing'))}>
            <Slash size={16} aria-hidden />
            {t('zone.add_line')}
          </button>
          {draft && draft.points.length > 0 && (
            <button type="button" className="button" onClick={() => setDraft({ ...draft, points: draft.points.slice(0, -1) })}>
              <Undo2 size={16} aria-hidden />
              {t('zone.undo_corner')}
            </button>
          )}
        </div>
        <div className="ad-picture" data-drawing={Boolean(draft)}>
          <img src={cameraRoutes.snapshotUrl(camera.id, picture)} alt={named(t.language, camera)} />
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" onClick={click} data-testid="zone-canvas">
            {zones.map((zone) => (
              <Shape key={zone.id} points={zone.points as [number, number][]} line={zone.rule === 'line_crossing'} muted={!zone.enabled} />
            ))}
            {draft && <Shape points={draft.points} line={draft.rule === 'line_crossing'} drawing />}
          </svg>
        </div>
        {draft && <p className="muted">{t(draft.rule === 'intrusion' ? 'zone.draw_zone' : 'zone.draw_line')}</p>}
      </div>
      <aside>
        {error !== null && <ErrorNotice error={error} onReload={() => void load()} onDismiss={() => setError(null)} />}
        {draft ? (
          <form
            className="ad-column"
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            <h2>{t(`zone.rule.${draft.rule}`)}</h2>
            <TextField label={t('zone.name')} value={draft.name} required maxLength={100} onChange={(name) => setDraft({ ...draft, name })} />
            <TextField label={t('zone.name_en')} value={draft.name_en} maxLength={100} onChange={(name_en) => setDraft({ ...draft, name_en })} />
            <div className="ad-flags">
              {CLASSES.map((each) => (
                <Check
                  key={each}
                  label={t(`zone.class.${each}`)}
                  checked={draft.classes.includes(each)}
                  onChange={(on) => setDraft({ ...draft, classes: on ? [...draft.classes, each] : draft.classes.filter((one) => one !== each) })}
                />
              ))}
            </div>
            <Field label={t('zone.priority')}>
              <select
                className="input"
                value={draft.priority}
                onChange={(event) => setDraft({ ...draft, priority: Number(event.target.value) as Draft['priority'] })}
              >
                {([1, 2, 3, 4] as const).map((priority) => (
                  <option key={priority} value={priority}>
                    P{priority} {shared(`priority.${priority}`)}
                  </option>
                ))}
              </select>
            </Field>
            {draft.rule === 'intrusion' ? (
              <TextField label={t('zone.dwell_s')} type="number" value={draft.dwell_s} onChange={(dwell_s) => setDraft({ ...draft, dwell_s })} />
            ) : (
              <Field label={t('zone.direction')}>
                <select
                  className="input"
                  value={draft.direction}
                  onChange={(event) => setDraft({ ...draft, direction: event.target.value as Draft['direction'] })}
                >
                  {DIRECTIONS.map((direction) => (
                    <option key={direction} value={direction}>
                      {t(`zone.direction.${direction}`)}
                    </option>
                  ))}
                </select>
              </Field>
            )}
            <TextField label={t('zone.rearm_s')} type="number" value={draft.rearm_s} onChange={(rearm_s) => setDraft({ ...draft, rearm_s })} />
            <div className="ad-head">
              <button type="submit" className="button primary" disabled={!enough || draft.classes.length === 0}>
                {shared('action.save')}
              </button>
              <button type="button" className="button" onClick={() => setDraft(null)}>
                {shared('action.cancel')}
              </button>
            </div>
          </form>
        ) : zones.length === 0 ? (
          <Empty title={t('zone.empty')}>{t('zone.empty_hint')}</Empty>
        ) : (
          <ul className="ad-list">
            {zones.map((zone) => (
              <li key={zone.id}>
                <div>
                  <PriorityMark priority={zone.priority} /> <strong>{named(t.language, zone)}</strong>
                  <p className="muted">
                    {t(`zone.rule.${zone.rule}`)} · {zone.classes.map((each) => t(`zone.class.${each as 'person'}`)).join(' / ')}
                  </p>
                </div>
                <Check label={t('zone.enabled')} checked={zone.enabled} onChange={(enabled) => void attempt(() => admin.changeZone(zone, { enabled }))} />
                <button type="button" className="button quiet icon" aria-label={`${t('zone.remove')} ${zone.name}`} title={t('zone.remove')} onClick={() => void attempt(() => admin.removeZone(zone))}>
                  <Trash2 size={16} aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        )}
      </aside>
    </div>
  );
}

function Shape({ points, line, muted, drawing }: { points: readonly [number, number][]; line: boolean; muted?: boolean; drawing?: boolean }) {
  const text = points.map((corner) => corner.join()).join(' ');
  const className = `ad-shape${muted ? ' muted' : ''}${drawing ? ' drawing' : ''}`;
  return (
    <>
      {line || points.length < 3 ? <polyline className={className} points={text} /> : <polygon className={className} points={text} />}
      {drawing && points.map(([x, y]) => <ellipse key={`${x},${y}`} className="ad-corner" cx={x} cy={y} rx={0.006} ry={0.0107} />)}
    </>
  );
}
