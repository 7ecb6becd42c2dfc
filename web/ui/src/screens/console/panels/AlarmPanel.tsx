import { ImageOff, Siren } from 'lucide-react';
import { useMemo, useState } from 'react';
import { events } from '../../../api/endpoints';
import type { Alarm, Event } from '../../../api/types';
import { useSession } from '../../../app/session';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Age, PriorityMark } from '../../../components/small';
import { isOpenAlarm, isOpenIncident } from '../../../feed/store';
import { useFeed, useRow, useRows } from '../../../feed';
import { either, headline, named, useLanguage, useText, noPlace } from '../../../i18n';
import { distance, moment } from '../../../i18n/format';
import { Key } from '../../../keys';
import { distance_m } from '../../../map/geometry';
import { noiseApi } from '../../../zones/api';
import { Strip } from '../../../zones/Strip';
import type { Actions } from '../actions';
import { useFetched } from '../../../app/fetched';
import { SeenThing } from '../../../track';
import { useConsoleText } from '../messages';
import { consoleState, select } from '../state';
import { SeenElsewhere } from '../../../links/SeenElsewhere';
import { Facts } from './Facts';

/** Open incidents nearer than this are offered for joining. */
const NEAR_M = 1500;

export function AlarmPanel({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const { has } = useSession();
  const feed = useFeed();
  const camera = useRow(feed.cameras, alarm.camera_id);
  const sensor = useRow(feed.sensors, alarm.device_id);
  const { data: event, error } = useFetched(alarm.event_id, (id, signal) => events.read(id, signal));
  const handles = has('dispatcher', 'commander') && isOpenAlarm(alarm);

  return (
    <article className="panel-body" data-alarm-id={alarm.id}>
      <header className="panel-head" data-priority={alarm.priority}>
        <PriorityMark priority={alarm.priority} />
        <h2>{headline(either(language, alarm.title, alarm.title_en), either(language, alarm.place, alarm.place_en))}</h2>
        <span className="panel-age">
          <Age at={alarm.last_at} />
        </span>
        <p className="muted panel-sub">
          {[shared.maybe(`alarm_kind.${alarm.kind}`) ?? alarm.kind, shared(`alarm_state.${alarm.state}`), either(language, alarm.place, alarm.place_en) || t('alarm.no_place')].join(' · ')}
        </p>
      </header>
      {handles && (
        <div className="panel-actions">
          <button type="button" className="button primary" data-testid="open-incident" onClick={() => void actions.openFrom(alarm)}>
            <Siren size={16} aria-hidden />
            {t('alarm.open')} <Key name="o" />
          </button>
          <button type="button" className="button" data-testid="ack" disabled={alarm.state === 'acked'} onClick={() => void actions.ack(alarm)}>
            {t('alarm.ack')} <Key name="a" />
          </button>
          <button type="button" className="button" data-testid="dismiss" onClick={() => consoleState.set({ dialog: { kind: 'dismiss', alarm } })}>
            {t('alarm.dismiss')} <Key name="d" />
          </button>
          <button type="button" className="button" data-testid="shelve" onClick={() => consoleState.set({ dialog: { kind: 'shelve', alarm } })}>
            {t('alarm.shelve')} <Key name="s" />
          </button>
        </div>
      )}
      {alarm.incident_id !== null && (
        <button type="button" className="button" onClick={() => select({ kind: 'incident', id: alarm.incident_id as number })}>
          {t('alarm.go_incident', { id: alarm.incident_id })}
        </button>
      )}
      {(alarm.snapshot_url || alarm.event_id !== null) && <Snapshot url={event?.snapshot_url ?? alarm.snapshot_url} event={event} label={t('alarm.snapshot')} />}
      {error !== null && <ErrorNotice error={error} thing={t('alarm.snapshot')} />}
      {event && (
        <section>
          <h3>{t('alarm.why')}</h3>
          <p>{either(language, event.why, event.why_en)}</p>
          {event.track && <SeenThing track={event.track} />}
        </section>
      )}
      <Facts
        rows={[
          [t('alarm.source'), camera ? <Link key="c" text={named(language, camera)} onClick={() => select({ kind: 'camera', id: camera.id })} /> : sensor ? <Link key="s" text={named(language, sensor)} onClick={() => select({ kind: 'sensor', id: sensor.id })} /> : null],
          [t('alarm.first'), moment(alarm.first_at)],
          [t('alarm.last'), alarm.count > 1 ? moment(alarm.last_at) : null],
          [t('alarm.count'), alarm.count > 1 ? alarm.count : null],
          [t('alarm.place'), alarm.ellipse ? t('alarm.error', { distance: distance(Math.max(1, alarm.ellipse.major_m)) }) : event ? noPlace(shared, event) || null : null],
          [t('thing.state'), alarm.handled_by && alarm.handled_at ? t('alarm.handled', { who: alarm.handled_by, time: moment(alarm.handled_at) }) : null],
          [t('alarm.reason'), alarm.dismiss_reason],
          [t('alarm.shelve'), alarm.state === 'shelved' && alarm.shelved_until ? t('alarm.shelved_until', { time: moment(alarm.shelved_until) }) : null],
        ]}
      />
      {event?.track_uid && <SeenElsewhere track={event.track_uid} camera={(id) => feed.cameras.get(id)} onOpen={(link) => select({ kind: 'camera', id: link.camera_id })} />}
      {alarm.count > 1 && alarm.event_id !== null && <Behind alarm={alarm} />}
      {handles && <Joinable alarm={alarm} actions={actions} />}
    </article>
  );
}

/** The events that the alarm stands for, newest first. */
function Behind({ alarm }: { alarm: Alarm }) {
  const t = useConsoleText();
  const { has } = useSession();
  const { data, error } = useFetched(has('dispatcher', 'commander') ? alarm.id : null, (id, signal) => noiseApi.events(id, signal), alarm.last_at);
  if (error !== null) return <ErrorNotice error={error} thing={t('alarm.events', { n: alarm.count })} />;
  if (!data || data.length < 2) return null;
  return (
    <section data-testid="alarm-events">
      <h3>{t('alarm.events', { n: alarm.count })}</h3>
      <Strip seen={data} />
    </section>
  );
}

function Link({ text, onClick }: { text: string; onClick: () => void }) {
  return (
    <button type="button" className="link" onClick={onClick}>
      {text}
    </button>
  );
}

/** The event's picture with the box around what was seen. */
function Snapshot({ url, event, label }: { url: string | null; event: Event | null; label: string }) {
  const t = useConsoleText();
  const [failed, setFailed] = useState<string | null>(null);
  if (!url || failed === url) {
    return (
      <figure className="snapshot snapshot-none muted">
        <ImageOff size={22} aria-hidden />
        {t('alarm.no_snapshot')}
      </figure>
    );
  }
  const percent = (share: number) => `${share * 100}%`;
  return (
    <figure className="snapshot">
      <a href={url} target="_blank" rel="noreferrer">
        <img src={url} alt={label} onError={() => setFailed(url)} />
      </a>
      {event && (
        <i className="snapshot-box" style={{ left: percent(event.box[0]), top: percent(event.box[1]), width: percent(event.box[2]), height: percent(event.box[3]) }} aria-hidden />
      )}
    </figure>
  );
}

/** Open incidents nearby that this alarm may belong to. */
function Joinable({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const t = useConsoleText();
  const language = useLanguage();
  const feed = useFeed();
  const incidents = useRows(feed.incidents);
  const near = useMemo(() => {
    const { lon, lat } = alarm;
    if (lon === null || lat === null) return [];
    return incidents
      .filter(isOpenIncident)
      .map((incident) => ({ incident, away_m: distance_m([lon, lat], [incident.lon, incident.lat]) }))
      .filter(({ away_m }) => away_m < NEAR_M)
      .sort((a, b) => a.away_m - b.away_m)
      .slice(0, 3);
  }, [alarm, incidents]);
  if (near.length === 0) return null;
  return (
    <section>
      <h3>{t('alarm.link_to')}</h3>
      {near.map(({ incident, away_m }) => (
        <div key={incident.id} className="line">
          <PriorityMark priority={incident.priority} />
          <span className="grow ellipsis">{either(language, incident.title, incident.title_en)}</span>
          <button type="button" className="button small" onClick={() => void actions.link(incident, alarm)}>
            {t('alarm.link_button', { id: incident.id, distance: distance(away_m) })}
          </button>
        </div>
      ))}
    </section>
  );
}
