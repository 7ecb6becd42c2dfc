/** Everything the feed keeps current, and how its messages are applied. No sockets here. */
import type * as T from '../api/types';
import { Collection, olderFix, olderVersion } from './collection';

export type Topic = 'alarm' | 'incident' | 'assignment' | 'unit' | 'camera' | 'sensor' | 'vehicle' | 'log';

const olderUnit = (candidate: T.Unit, held: T.Unit): boolean =>
  candidate.version < held.version ||
  (candidate.position_at !== null && held.position_at !== null && Date.parse(candidate.position_at) < Date.parse(held.position_at));

export class FeedStore {
  readonly alarms = new Collection<T.Alarm>(olderVersion);
  readonly incidents = new Collection<T.Incident>(olderVersion);
  readonly assignments = new Collection<T.Assignment>(olderVersion);
  readonly units = new Collection<T.Unit>(olderUnit);
  readonly cameras = new Collection<T.Camera>(olderVersion);
  readonly sensors = new Collection<T.Sensor>();
  readonly vehicles = new Collection<T.Vehicle>(olderFix);
  readonly logs = new Collection<T.LogEntry>();

  apply(topic: string, rows: readonly unknown[]): void {
    switch (topic as Topic) {
      case 'alarm':
        return this.alarms.upsert(rows as T.Alarm[]);
      case 'incident':
        return this.incidents.upsert(rows as T.Incident[]);
      case 'assignment':
        return this.assignments.upsert(rows as T.Assignment[]);
      case 'unit':
        return this.units.upsert(rows as T.Unit[]);
      case 'camera':
        return this.cameras.upsert(rows as T.Camera[]);
      case 'sensor':
        return this.sensors.upsert(rows as T.Sensor[]);
      case 'vehicle':
        return this.vehicles.upsert(rows as T.Vehicle[]);
      case 'log':
        return this.logs.upsert(rows as T.LogEntry[]);
      default:
        console.warn(`the feed sent rows of an unknown topic '${topic}'`);
    }
  }

  /** An incident as one answer brings it: its parts go where the feed keeps them current. */
  takeDetail(detail: T.IncidentDetail): void {
    this.incidents.upsert([detail.incident]);
    this.alarms.upsert(detail.alarms);
    this.assignments.upsert(detail.assignments);
    this.logs.upsert(detail.log);
  }

  /** Handled alarms and closed incidents that nobody has touched for this long leave the memory of a long shift. */
  forgetHandled(nowMs: number, keepMs: number): void {
    const old = (at: string | null) => at !== null && nowMs - Date.parse(at) > keepMs;
    this.alarms.remove(
      this.alarms
        .all()
        .filter((alarm) => !isOpenAlarm(alarm) && old(alarm.handled_at ?? alarm.last_at))
        .map((alarm) => alarm.id),
    );
    const gone = this.incidents
      .all()
      .filter((incident) => old(incident.closed_at))
      .map((incident) => incident.id);
    this.incidents.remove(gone);
    const isGone = new Set(gone);
    this.assignments.remove(this.assignments.all().filter((row) => isGone.has(row.incident_id)).map((row) => row.id));
    this.logs.remove(this.logs.all().filter((row) => isGone.has(row.incident_id)).map((row) => row.id));
  }
}

/** An alarm that still wants somebody. */
export function isOpenAlarm(alarm: T.Alarm): boolean {
  return alarm.state === 'raised' || alarm.state === 'acked' || alarm.state === 'shelved';
}

export function isOpenIncident(incident: T.Incident): boolean {
  return incident.closed_at === null;
}

/** A crew still bound to its incident. */
export function isOpenAssignment(assignment: T.Assignment): boolean {
  return !assignment.cleared_at && !assignment.declined_at && !assignment.recalled_at;
}

/** Queue order: raised before acknowledged before shelved, then by priority, then the oldest first. */
export function compareAlarms(a: T.Alarm, b: T.Alarm): number {
  const rank = { raised: 0, acked: 1, shelved: 2, linked: 3, dismissed: 3, cleared: 3 };
  return rank[a.state] - rank[b.state] || a.priority - b.priority || Date.parse(a.first_at) - Date.parse(b.first_at) || a.id - b.id;
}

export function compareIncidents(a: T.Incident, b: T.Incident): number {
  return a.priority - b.priority || Date.parse(a.opened_at) - Date.parse(b.opened_at) || a.id - b.id;
}
