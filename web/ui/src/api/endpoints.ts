/** The console API's routes, each as one typed function. */
import { api, apiUrl } from './client';
import type * as T from './types';

export const session = {
  read: () => api.get<T.Session>('/session'),
  login: (name: string, password: string) => api.post<T.Session>('/login', { name, password }),
  logout: () => api.post<void>('/logout'),
  setLanguage: (language: T.Language) => api.patch<T.Session>('/session', { language }),
  setPassword: (old: string, fresh: string) => api.post<void>('/session/password', { old, new: fresh }),
};

export const cameras = {
  list: () => api.get<T.Camera[]>('/cameras'),
  seeing: (lon: number, lat: number, signal?: AbortSignal) =>
    api.get<T.SeeingCamera[]>('/cameras/seeing', { lon, lat }, signal),
  snapshotUrl: (id: number, at?: number) => apiUrl(`/cameras/${id}/snapshot.jpg`, { t: at }),
};

export const places = {
  search: (q: string, near: T.LonLat | null, limit: number, signal?: AbortSignal) =>
    api.get<T.Place[]>('/places', { q, lon: near?.[0], lat: near?.[1], limit }, signal),
  near: (lon: number, lat: number, signal?: AbortSignal) =>
    api.get<T.Place>('/places/near', { lon, lat }, signal),
};

export const things = {
  units: () => api.get<T.Unit[]>('/units'),
  vehicles: () => api.get<T.Vehicle[]>('/vehicles'),
  sensors: () => api.get<T.Sensor[]>('/sensors'),
  sensorSeries: (id: number, quantity: string, from: string, to: string, signal?: AbortSignal) =>
    api.get<T.Series>(`/sensors/${id}/series`, { quantity, from, to }, signal),
  setDuty: (unit: T.Unit, duty: T.Unit['duty']) =>
    api.patch<T.Unit>(`/units/${unit.id}`, { duty, expected_version: unit.version }),
};

export const events = {
  read: (id: number, signal?: AbortSignal) => api.get<T.Event>(`/events/${id}`, {}, signal),
};

export const alarms = {
  open: () => api.get<T.Alarm[]>('/alarms', { state: 'open', limit: 500 }),
  ack: (alarm: T.Alarm) => api.post<T.Alarm>(`/alarms/${alarm.id}/ack`, { expected_version: alarm.version }),
  dismiss: (alarm: T.Alarm, reason: string) =>
    api.post<T.Alarm>(`/alarms/${alarm.id}/dismiss`, { expected_version: alarm.version, reason }),
  shelve: (alarm: T.Alarm, minutes: number) =>
    api.post<T.Alarm>(`/alarms/${alarm.id}/shelve`, { expected_version: alarm.version, minutes }),
};

export const incidents = {
  list: (state: 'open' | 'closed' | 'all') => api.get<T.Incident[]>('/incidents', { state }),
  read: (id: number, signal?: AbortSignal) => api.get<T.IncidentDetail>(`/incidents/${id}`, {}, signal),
  open: (body: T.IncidentIn) => api.post<T.IncidentDetail>('/incidents', body),
  edit: (id: number, patch: T.IncidentPatch) => api.patch<T.IncidentDetail>(`/incidents/${id}`, patch),
  note: (id: number, text: string) => api.post<T.IncidentDetail>(`/incidents/${id}/notes`, { text }),
  link: (incident: T.Incident, alarmId: number) =>
    api.post<T.IncidentDetail>(`/incidents/${incident.id}/alarms`, {
      expected_version: incident.version,
      alarm_id: alarmId,
    }),
  recommendations: (id: number, signal?: AbortSignal) =>
    api.get<T.Recommendation[]>(`/incidents/${id}/recommendations`, {}, signal),
  dispatch: (incident: T.Incident, unitId: number) =>
    api.post<T.IncidentDetail>(`/incidents/${incident.id}/dispatch`, {
      expected_version: incident.version,
      unit_id: unitId,
    }),
  close: (incident: T.Incident, outcome: NonNullable<T.CloseIn['outcome']>, note: string) =>
    api.post<T.IncidentDetail>(`/incidents/${incident.id}/close`, {
      expected_version: incident.version,
      outcome,
      note,
    }),
  reopen: (incident: T.Incident) =>
    api.post<T.IncidentDetail>(`/incidents/${incident.id}/reopen`, { expected_version: incident.version }),
};

export const assignments = {
  /** `happenedAt` is the moment the crew said it; `key` makes a repeat harmless. */
  advance: (assignment: T.Assignment, step: T.Step, happenedAt: Date, key: string, reason?: string) =>
    api.post<T.Assignment>(
      `/assignments/${assignment.id}/advance`,
      { expected_version: assignment.version, step, t_event: happenedAt.toISOString(), reason: reason ?? null },
      { 'idempotency-key': key },
    ),
  undo: (assignment: T.Assignment) =>
    api.post<T.Assignment>(`/assignments/${assignment.id}/undo`, { expected_version: assignment.version }),
  recall: (assignment: T.Assignment) =>
    api.post<T.Assignment>(`/assignments/${assignment.id}/recall`, { expected_version: assignment.version }),
};

export const phone = {
  mine: () => api.get<T.MyAssignment>('/me/assignment'),
  /** One step as it happened in the field; `key` makes a repeat harmless. */
  advance: (assignment: T.Assignment, step: T.Step, at: string, key: string, reason: string | null) =>
    api.post<T.Assignment>(
      `/assignments/${assignment.id}/advance`,
      { expected_version: assignment.version, step, t_event: at, reason },
      { 'idempotency-key': key },
    ),
};

export interface EventFilter {
  camera_ids: readonly number[];
  from: string;
  to: string;
  rule: string | null;
  kind: string | null;
  polygon: readonly T.LonLat[] | null;
  before?: string | null;
  limit: number;
}

export const recordings = {
  timeline: (cameraIds: readonly number[], from: string, to: string, signal?: AbortSignal) =>
    api.get<T.Timeline>('/recordings/timeline', { camera_ids: cameraIds.join(), from, to }, signal),
  playlistUrl: (cameraId: number, from: string, to: string) => apiUrl(`/recordings/${cameraId}/playlist.m3u8`, { from, to }),
  frameUrl: (cameraId: number, at: string) => apiUrl(`/recordings/${cameraId}/frame.jpg`, { at }),
  events: (filter: EventFilter, signal?: AbortSignal) =>
    api.get<T.EventPage>(
      '/events',
      {
        camera_id: filter.camera_ids,
        from: filter.from,
        to: filter.to,
        rule: filter.rule,
        kind: filter.kind,
        polygon: filter.polygon?.map((corner) => corner.join()).join(';'),
        before: filter.before,
        limit: filter.limit,
      },
      signal,
    ),
};

export const admin = {
  addCamera: (body: T.CameraIn) => api.post<T.Camera>('/cameras', body),
  changeCamera: (id: number, body: T.CameraPatch) => api.patch<T.Camera>(`/cameras/${id}`, body),
  testCamera: (body: T.CameraTestIn) => api.post<T.CameraTest>('/cameras/test', body),
  zones: (cameraId: number | null) => api.get<T.Zone[]>('/zones', { camera_id: cameraId }),
  addZone: (body: T.ZoneIn) => api.post<T.Zone>('/zones', body),
  changeZone: (zone: T.Zone, patch: Omit<T.ZonePatch, 'expected_version'>) =>
    api.patch<T.Zone>(`/zones/${zone.id}`, { ...patch, expected_version: zone.version }),
  removeZone: (zone: T.Zone) => api.delete<void>(`/zones/${zone.id}`, { expected_version: zone.version }),
  users: () => api.get<T.User[]>('/users'),
  addUser: (body: T.UserIn) => api.post<T.User>('/users', body),
  changeUser: (id: number, body: T.UserPatch) => api.patch<T.User>(`/users/${id}`, body),
  portal: () => api.get<T.Portal>('/portal'),
  changePortal: (body: T.PortalPatch) => api.patch<T.Portal>('/portal', body),
  audit: (before: number | null, actor: string | null, subject: string | null, limit: number) =>
    api.get<T.Audit[]>('/audit', { before, actor, subject, limit }),
  system: () => api.get<T.Health>('/system'),
};
