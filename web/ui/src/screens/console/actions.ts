/** What a dispatcher does, each as one call whose answer goes straight into the rows; failures show what and why. */
import { useMemo } from 'react';
import { alarms, assignments, incidents, things } from '../../api/endpoints';
import type * as T from '../../api/types';
import { showError } from '../../components/toasts';
import { useFeed, useReload } from '../../feed';
import { serverNow } from '../../feed/clock';
import { useLanguage } from '../../i18n';
import { consoleState, select } from './state';

/** What kind of incident an alarm most likely is; the officer can change it afterwards. */
export function incidentTypeOf(alarm: Pick<T.Alarm, 'kind'>, sensorKind?: T.Sensor['kind']): T.IncidentType {
  switch (alarm.kind) {
    case 'intrusion':
    case 'line_crossing':
    case 'loitering':
      return 'intrusion';
    case 'smoke':
    case 'fire':
      return 'fire';
    case 'water_on_road':
    case 'water_level':
      return 'flood';
    case 'wrong_way':
    case 'fast_motion':
    case 'stopped_vehicle':
    case 'congestion':
      return 'traffic';
    case 'sos':
      return 'panic';
    case 'threshold':
      return sensorKind === 'enterprise' ? 'pollution' : 'flood';
    default:
      return 'other';
  }
}

export interface Actions {
  ack: (alarm: T.Alarm) => Promise<void>;
  dismiss: (alarm: T.Alarm, reason: string, code: T.DismissCode) => Promise<void>;
  shelve: (alarm: T.Alarm, minutes: number) => Promise<void>;
  openFrom: (alarm: T.Alarm) => Promise<void>;
  /** Takes an incident that was just opened and shows it. */
  opened: (detail: T.IncidentDetail) => void;
  link: (incident: T.Incident, alarm: T.Alarm) => Promise<void>;
  edit: (incident: T.Incident, change: Omit<T.IncidentPatch, 'expected_version'>) => Promise<void>;
  note: (incident: T.Incident, text: string) => Promise<boolean>;
  dispatch: (incident: T.Incident, unitId: number, code: string) => Promise<void>;
  close: (incident: T.Incident, outcome: NonNullable<T.CloseIn['outcome']>, note: string) => Promise<void>;
  reopen: (incident: T.Incident) => Promise<void>;
  advance: (assignment: T.Assignment, step: T.Step) => Promise<void>;
  undo: (assignment: T.Assignment) => Promise<void>;
  recall: (assignment: T.Assignment) => Promise<void>;
  setDuty: (unit: T.Unit, duty: T.Unit['duty']) => Promise<void>;
}

export function useActions(): Actions {
  const feed = useFeed();
  const reload = useReload();
  const language = useLanguage();
  return useMemo(() => {
    const again = () => void reload().catch((error: unknown) => showError(error));
    const againIncident = (id: number) => () =>
      void incidents
        .read(id)
        .then((detail) => feed.takeDetail(detail))
        .catch((error: unknown) => showError(error));
    const titleOf = (alarm: T.Alarm) => (language === 'en' ? alarm.title_en : alarm.title);

    /** Runs one step; true when it was done. */
    const attempt = async (thing: string, onReload: () => void, step: () => Promise<void>): Promise<boolean> => {
      try {
        await step();
        return true;
      } catch (error) {
        showError(error, thing, onReload);
        return false;
      }
    };
    const onAlarm = async (alarm: T.Alarm, step: () => Promise<T.Alarm>) => {
      await attempt(titleOf(alarm), again, async () => feed.alarms.upsert([await step()]));
    };
    const onIncident = (incident: T.Incident, step: () => Promise<T.IncidentDetail>, thing = `#${incident.id}`) =>
      attempt(thing, againIncident(incident.id), async () => feed.takeDetail(await step()));
    const onAssignment = async (assignment: T.Assignment, step: () => Promise<T.Assignment>) => {
      await attempt(`${assignment.unit_code} #${assignment.incident_id}`, againIncident(assignment.incident_id), async () => feed.assignments.upsert([await step()]));
    };

    return {
      ack: (alarm) => onAlarm(alarm, () => alarms.ack(alarm)),
      dismiss: (alarm, reason, code) => onAlarm(alarm, () => alarms.dismiss(alarm, reason, code)),
      shelve: (alarm, minutes) => onAlarm(alarm, () => alarms.shelve(alarm, minutes)),
      openFrom: async (alarm) => {
        const sensor = alarm.device_id === null ? undefined : feed.sensors.get(alarm.device_id);
        await attempt(titleOf(alarm), again, async () => {
          const detail = await incidents.open({
            type: incidentTypeOf(alarm, sensor?.kind),
            priority: alarm.priority,
            alarm_id: alarm.id,
            alarm_version: alarm.version,
          });
          feed.takeDetail(detail);
          select({ kind: 'incident', id: detail.incident.id });
        });
      },
      opened: (detail) => {
        feed.takeDetail(detail);
        select({ kind: 'incident', id: detail.incident.id });
      },
      link: async (incident, alarm) => {
        if (await onIncident(incident, () => incidents.link(incident, alarm.id))) select({ kind: 'incident', id: incident.id });
      },
      edit: async (incident, change) => {
        await onIncident(incident, () => incidents.edit(incident.id, { ...change, expected_version: incident.version }));
      },
      note: (incident, text) => onIncident(incident, () => incidents.note(incident.id, text)),
      dispatch: async (incident, unitId, code) => {
        await onIncident(incident, () => incidents.dispatch(incident, unitId), `${code} → #${incident.id}`);
      },
      close: async (incident, outcome, note) => {
        const detail = await incidents.close(incident, outcome, note);
        feed.takeDetail(detail);
        consoleState.set({ dialog: null });
      },
      reopen: async (incident) => {
        await onIncident(incident, () => incidents.reopen(incident));
      },
      advance: (assignment, step) =>
        onAssignment(assignment, () => assignments.advance(assignment, step, new Date(serverNow()), crypto.randomUUID())),
      undo: (assignment) => onAssignment(assignment, () => assignments.undo(assignment)),
      recall: (assignment) => onAssignment(assignment, () => assignments.recall(assignment)),
      setDuty: async (unit, duty) => {
        await attempt(unit.code, again, async () => feed.units.upsert([await things.setDuty(unit, duty)]));
      },
    };
  }, [feed, reload, language]);
}
