import { BellOff, CircleCheck, Siren } from 'lucide-react';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import type { Alarm, Incident } from '../../api/types';
import { useSession } from '../../app/session';
import { Age, Empty, PriorityMark } from '../../components/small';
import { onTabKey } from '../../components/tabKeys';
import { compareAlarms, compareIncidents, isOpenAlarm, isOpenAssignment, isOpenIncident } from '../../feed/store';
import { useFeed, useRow, useRows } from '../../feed';
import { either, headline, named, useLanguage, useText } from '../../i18n';
import { clock } from '../../i18n/format';
import { useCommands } from '../../keys';
import { useConsoleText } from './messages';
import { consoleState, keep, pendingRow, sameSelection, select, type Tab } from './state';

/** What waits for somebody: incidents and alarms, the most urgent first. */
export function Queue() {
  const t = useConsoleText();
  const { has } = useSession();
  const feed = useFeed();
  const alarmRows = useRows(feed.alarms);
  const incidentRows = useRows(feed.incidents);
  const tab = consoleState.use((state) => state.tab);
  const selection = consoleState.use((state) => state.selection);
  const cursor = consoleState.use((state) => state.cursor);
  const alarms = useMemo(() => alarmRows.filter(isOpenAlarm).sort(compareAlarms), [alarmRows]);
  const incidents = useMemo(() => incidentRows.filter(isOpenIncident).sort(compareIncidents), [incidentRows]);
  const reads = has('dispatcher', 'commander', 'reviewer');
  const handles = has('dispatcher', 'commander');
  const rows: readonly { id: number }[] = tab === 'alarms' ? alarms : incidents;
  const unhandled = alarms.filter((alarm) => alarm.state === 'raised').length;

  const show = (next: Tab) => {
    keep({ tab: next });
    consoleState.set({ pane: 'queue' });
  };
  const move = (step: number) => {
    const at = rows.findIndex((row) => row.id === cursor[tab]);
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next) consoleState.set({ cursor: { ...cursor, [tab]: next.id } });
  };
  const pending = pendingRow({ cursor, tab, selection });

  useCommands([
    { id: 'list.next', keys: ['j', 'ArrowDown'], group: 'list', label: t('key.next'), run: () => move(1), enabled: rows.length > 0 },
    { id: 'list.previous', keys: ['k', 'ArrowUp'], group: 'list', label: t('key.previous'), run: () => move(-1), enabled: rows.length > 0 },
    { id: 'list.open', keys: ['Enter'], group: 'list', label: t('key.open'), run: () => pending && select(pending), enabled: pending !== null },
    { id: 'list.incidents', keys: ['['], group: 'list', label: t('key.tab_incidents'), run: () => show('incidents') },
    { id: 'list.alarms', keys: [']'], group: 'list', label: t('key.tab_alarms'), run: () => show('alarms') },
  ]);

  const tabButton = (name: Tab, count: number, waiting: number) => (
    <button type="button" role="tab" id={`tab-${name}`} aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} aria-controls="queue-list" onClick={() => show(name)}>
      {t(`queue.${name}`)} <b>{count}</b>
      {waiting > 0 && <i className="unhandled" aria-hidden />}
    </button>
  );

  return (
    <section className="queue" aria-label={t('queue.label')}>
      <div className="tabs" role="tablist" aria-label={t('queue.label')} onKeyDown={onTabKey}>
        {tabButton('incidents', incidents.length, 0)}
        {tabButton('alarms', alarms.length, unhandled)}
      </div>
      <div id="queue-list" className="queue-list" role="listbox" tabIndex={-1} aria-labelledby={`tab-${tab}`}>
        {!reads || (tab === 'alarms' && !handles) ? (
          <Empty icon={<BellOff size={28} aria-hidden />} title={t('queue.no_right')}>
            {t('queue.no_right_hint')}
          </Empty>
        ) : tab === 'alarms' ? (
          alarms.length === 0 ? (
            <Empty icon={<CircleCheck size={28} aria-hidden />} title={t('queue.no_alarms')}>
              {t('queue.no_alarms_hint')}
            </Empty>
          ) : (
            alarms.map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} selected={sameSelection(selection, { kind: 'alarm', id: alarm.id })} current={cursor.alarms === alarm.id} />
            ))
          )
        ) : incidents.length === 0 ? (
          <Empty icon={<Siren size={28} aria-hidden />} title={t('queue.no_incidents')}>
            {t('queue.no_incidents_hint')}
          </Empty>
        ) : (
          incidents.map((incident) => (
            <IncidentRow key={incident.id} incident={incident} selected={sameSelection(selection, { kind: 'incident', id: incident.id })} current={cursor.incidents === incident.id} />
          ))
        )}
      </div>
    </section>
  );
}

// When each alarm's latest occurrence was first on this screen; the row says it, so that the delay can be measured.
const firstShown = new Map<string, number>();

function shownAt(alarm: Alarm): number {
  const key = `${alarm.id}@${alarm.last_at}`;
  let at = firstShown.get(key);
  if (at === undefined) {
    at = Date.now();
    firstShown.set(key, at);
    if (firstShown.size > 5000) firstShown.delete(firstShown.keys().next().value ?? '');
  }
  return at;
}

interface RowProps {
  selected: boolean;
  current: boolean;
}

function Row(props: RowProps & { onOpen: () => void; children: ReactNode; data: Record<string, unknown> }) {
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (props.current) node.current?.scrollIntoView({ block: 'nearest' });
  }, [props.current]);
  return (
    <div ref={node} className="queue-row" role="option" aria-selected={props.selected} data-current={props.current || undefined} onClick={props.onOpen} {...props.data}>
      {props.children}
    </div>
  );
}

export function AlarmRow({ alarm, selected, current }: RowProps & { alarm: Alarm }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const feed = useFeed();
  const camera = useRow(feed.cameras, alarm.camera_id);
  return (
    <Row
      selected={selected}
      current={current}
      onOpen={() => select({ kind: 'alarm', id: alarm.id })}
      data={{
        'data-testid': 'alarm-row',
        'data-alarm-id': alarm.id,
        'data-capture-at': alarm.last_at,
        'data-shown-at': shownAt(alarm),
        'data-priority': alarm.priority,
        'data-state': alarm.state,
      }}
    >
      <PriorityMark priority={alarm.priority} />
      <span className="title" title={either(language, alarm.title, alarm.title_en)}>
        {headline(either(language, alarm.title, alarm.title_en), either(language, alarm.place, alarm.place_en))}
      </span>
      <Age at={alarm.last_at} title={clock(alarm.last_at)} />
      <span className="sub ellipsis" title={[either(language, alarm.place, alarm.place_en), camera && named(language, camera)].filter(Boolean).join(' · ')}>
        {[
          alarm.state === 'shelved' && alarm.shelved_until ? t('queue.shelved_until', { time: clock(alarm.shelved_until).slice(0, 5) }) : shared(`alarm_state.${alarm.state}`),
          either(language, alarm.place, alarm.place_en),
          camera && named(language, camera),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {alarm.count > 1 && <span className="times">{t('queue.times', { n: alarm.count })}</span>}
    </Row>
  );
}

export function IncidentRow({ incident, selected, current }: RowProps & { incident: Incident }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const feed = useFeed();
  const assignments = useRows(feed.assignments);
  const silent = assignments.find((row) => row.incident_id === incident.id && row.no_ack_at && !row.acknowledged_at && isOpenAssignment(row));
  return (
    <Row
      selected={selected}
      current={current}
      onOpen={() => select({ kind: 'incident', id: incident.id })}
      data={{ 'data-testid': 'incident-row', 'data-incident-id': incident.id, 'data-priority': incident.priority, 'data-state': incident.state }}
    >
      <PriorityMark priority={incident.priority} />
      <span className="title">
        <b>#{incident.id}</b> {headline(either(language, incident.title, incident.title_en), either(language, incident.place, incident.place_en))}
      </span>
      <Age at={incident.opened_at} title={clock(incident.opened_at)} />
      <span className="sub ellipsis">
        {silent ? (
          <strong>{t('queue.unanswered', { unit: silent.unit_code })}</strong>
        ) : (
          [shared(`incident_state.${incident.state}`), either(language, incident.place, incident.place_en)].filter(Boolean).join(' · ')
        )}
      </span>
      <span className="times">{incident.units > 0 ? t('queue.units', { n: incident.units }) : t('queue.no_units')}</span>
    </Row>
  );
}
