import { Lock, Pencil, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { incidents as incidentApi } from '../../../api/endpoints';
import type { Incident, IncidentDetail, IncidentType, Priority } from '../../../api/types';
import { useSession } from '../../../app/session';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Age, PriorityMark } from '../../../components/small';
import { isOpenAssignment, isOpenIncident } from '../../../feed/store';
import { useFeed, useRow, useRows } from '../../../feed';
import { either, headline, named, useLanguage, useText } from '../../../i18n';
import { distance, moment } from '../../../i18n/format';
import { INCIDENT_TYPES, PRIORITIES } from '../../../incident/OpenIncidentDialog';
import { Key, useCommands } from '../../../keys';
import type { Actions } from '../actions';
import { useFetched } from '../../../app/fetched';
import { useConsoleText } from '../messages';
import { consoleState, select } from '../state';
import { IncidentLog } from './IncidentLog';
import { Recommendations } from './Recommendations';
import { UnitTasks } from './UnitTasks';

export function IncidentPanel({ id, actions }: { id: number; actions: Actions }) {
  const t = useConsoleText();
  const { has } = useSession();
  const feed = useFeed();
  const incident = useRow(feed.incidents, id);
  const assignments = useRows(feed.assignments);
  const own = useMemo(() => assignments.filter((row) => row.incident_id === id).sort((a, b) => a.id - b.id), [assignments, id]);
  const logs = useRows(feed.logs);
  // Holds and cameras come with the detail only: it is read again when the log says that they changed.
  const changes = logs.filter((entry) => entry.incident_id === id && ['evidence_held', 'edited', 'closed', 'reopened'].includes(entry.kind)).length;
  const { data: detail, error } = useFetched(id, (key, signal) => incidentApi.read(key, signal), changes);
  const note = useRef<HTMLInputElement>(null);
  const open = incident !== undefined && isOpenIncident(incident);
  const handles = has('dispatcher', 'commander');

  useEffect(() => {
    if (detail) feed.takeDetail(detail);
  }, [detail, feed]);

  useCommands([
    { id: 'incident.note', keys: ['n'], group: 'incident', label: t('key.note'), run: () => note.current?.focus(), enabled: handles && incident !== undefined },
    {
      id: 'incident.close',
      keys: ['c'],
      group: 'incident',
      label: t('key.close'),
      run: () => incident && consoleState.set({ dialog: { kind: 'close', incident } }),
      enabled: handles && open,
    },
  ]);

  if (!incident) {
    return error ? (
      <div className="panel-body">
        <ErrorNotice error={error} thing={`#${id}`} />
      </div>
    ) : (
      <p className="panel-body muted">{t('panel.loading')}</p>
    );
  }
  return (
    <article className="panel-body" data-incident-id={id}>
      <Head incident={incident} actions={actions} editable={handles && open} />
      {handles && (
        <div className="panel-actions">
          {open ? (
            <>
              {incident.state === 'onscene' && (
                <button type="button" className="button" onClick={() => void actions.edit(incident, { state: 'controlled' })}>
                  {t('incident.controlled')}
                </button>
              )}
              {incident.state === 'controlled' && (
                <button type="button" className="button" onClick={() => void actions.edit(incident, { state: 'clearing' })}>
                  {t('incident.clearing')}
                </button>
              )}
              <button type="button" className="button" data-testid="close-incident" onClick={() => consoleState.set({ dialog: { kind: 'close', incident } })}>
                {t('incident.close')} <Key name="c" />
              </button>
            </>
          ) : (
            <button type="button" className="button" data-testid="reopen-incident" onClick={() => void actions.reopen(incident)}>
              {t('incident.reopen')}
            </button>
          )}
          <a className="button" href={`/review?lon=${incident.lon}&lat=${incident.lat}&at=${encodeURIComponent(incident.opened_at)}&incident=${id}`} target="_blank" rel="noreferrer">
            {t('incident.review')}
          </a>
        </div>
      )}
      {!open && incident.close_note && <p className="note">{incident.close_note}</p>}
      <UnitTasks assignments={own} actions={actions} editable={handles && open} />
      {handles && open && <Recommendations incident={incident} busyUnits={own.filter(isOpenAssignment).length} actions={actions} />}
      {detail && <Alarms detail={detail} />}
      {detail && <Cameras detail={detail} />}
      <IncidentLog incident={incident} intact={detail?.log_intact ?? true} actions={actions} editable={handles} noteRef={note} />
      {error !== null && <ErrorNotice error={error} thing={`#${id}`} />}
    </article>
  );
}

function Head({ incident, actions, editable }: { incident: Incident; actions: Actions; editable: boolean }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const [editing, setEditing] = useState(false);
  return (
    <header className="panel-head" data-priority={incident.priority}>
      <PriorityMark priority={incident.priority} />
      <h2>
        <span className="incident-number">#{incident.id}</span> {headline(either(language, incident.title, incident.title_en), either(language, incident.place, incident.place_en))}
      </h2>
      <span className="panel-age">{isOpenIncident(incident) ? <Age at={incident.opened_at} /> : null}</span>
      <p className="muted panel-sub">
        <strong data-testid="incident-state" data-state={incident.state}>
          {shared(`incident_state.${incident.state}`)}
        </strong>
        {' · '}
        {[shared(`incident_type.${incident.type}`), either(language, incident.place, incident.place_en), t('incident.opened_by', { who: incident.opened_by, time: moment(incident.opened_at) })]
          .filter(Boolean)
          .join(' · ')}
        {editable && (
          <button type="button" className="button quiet icon small" aria-pressed={editing} aria-label={t('incident.edit')} title={t('incident.edit')} onClick={() => setEditing(!editing)}>
            <Pencil size={14} aria-hidden />
          </button>
        )}
      </p>
      {editing && editable && (
        <div className="panel-edit">
          <label className="field">
            <span className="label">{t('incident.type')}</span>
            <select className="input" value={incident.type} onChange={(event) => void actions.edit(incident, { type: event.target.value as IncidentType })}>
              {INCIDENT_TYPES.map((type) => (
                <option key={type} value={type}>
                  {shared(`incident_type.${type}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="label">{t('incident.priority')}</span>
            <select className="input" value={incident.priority} onChange={(event) => void actions.edit(incident, { priority: Number(event.target.value) as Priority })}>
              {PRIORITIES.map((priority) => (
                <option key={priority} value={priority}>
                  P{priority} {shared(`priority.${priority}`)}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
    </header>
  );
}

function Alarms({ detail }: { detail: IncidentDetail }) {
  const t = useConsoleText();
  const language = useLanguage();
  const feed = useFeed();
  const rows = useRows(feed.alarms);
  const linked = rows.filter((alarm) => alarm.incident_id === detail.incident.id);
  if (linked.length === 0) return null;
  return (
    <section>
      <h3>{t('incident.alarms')}</h3>
      {linked.map((alarm) => (
        <button key={alarm.id} type="button" className="line line-button" onClick={() => select({ kind: 'alarm', id: alarm.id })}>
          <PriorityMark priority={alarm.priority} />
          <span className="grow ellipsis">{either(language, alarm.title, alarm.title_en)}</span>
          {alarm.count > 1 && <span className="muted">{t('queue.times', { n: alarm.count })}</span>}
          <time className="muted" dateTime={alarm.last_at}>
            {moment(alarm.last_at)}
          </time>
        </button>
      ))}
    </section>
  );
}

function Cameras({ detail }: { detail: IncidentDetail }) {
  const t = useConsoleText();
  const language = useLanguage();
  const feed = useFeed();
  useRows(feed.cameras);
  const held = new Set(detail.holds.map((hold) => hold.camera_id));
  const from = detail.holds.map((hold) => hold.from_at).sort()[0];
  return (
    <section>
      <h3>
        {t('incident.cameras')}
        {from && (
          <span className="held" title={t('incident.held_hint', { n: held.size, time: moment(from) })} data-testid="evidence-held">
            <Lock size={13} aria-hidden /> {t('incident.held')}
          </span>
        )}
      </h3>
      {detail.cameras.length === 0 && <p className="muted">{t('incident.no_cameras')}</p>}
      {detail.cameras.slice(0, 6).map((row) => {
        const camera = feed.cameras.get(row.camera_id);
        return (
          <button
            key={row.camera_id}
            type="button"
            className="line line-button"
            onClick={() => select({ kind: 'camera', id: row.camera_id })}
            onMouseEnter={() => consoleState.set({ hoverCamera: row.camera_id })}
            onMouseLeave={() => consoleState.set({ hoverCamera: null })}
          >
            <span className="grow ellipsis">{camera ? named(language, camera) : row.camera_id}</span>
            {held.has(row.camera_id) && <Lock size={13} aria-label={t('incident.held')} />}
            <span className="muted">{distance(row.distance_m)}</span>
          </button>
        );
      })}
    </section>
  );
}

export function LogSeal({ intact }: { intact: boolean }) {
  const t = useConsoleText();
  return intact ? (
    <span className="held" title={t('incident.log_intact')}>
      <ShieldCheck size={14} aria-label={t('incident.log_intact')} />
    </span>
  ) : (
    <strong className="held" role="alert">
      <ShieldAlert size={14} aria-hidden /> {t('incident.log_broken')}
    </strong>
  );
}
