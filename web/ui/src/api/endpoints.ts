/** The console API's routes, each as one typed function. */
import { api, apiUrl, send } from './client';
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
  read: (id: number) => api.get<T.Camera>(`/cameras/${id}`),
  seeing: (lon: number, lat: number, signal?: AbortSignal) =>
    api.get<T.SeeingCamera[]>('/cameras/seeing', { lon, lat }, signal),
  snapshotUrl: (id: number, at?: number) => apiUrl(`/cameras/${id}/snapshot.jpg`, { t: at }),
};

export const poses = {
  points: (camera: number, preset: string | null) => api.get<T.ControlPoints>(`/cameras/${camera}/control-points`, { preset }),
  savePoints: (camera: number, version: number, preset: string | null, points: T.ControlPointIn[]) =>
    api.put<T.ControlPoints>(`/cameras/${camera}/control-points`, { expected_version: version, preset, points }),
  calibrate: (camera: number, body: T.CalibrateIn) => api.post<T.Calibrate>(`/cameras/${camera}/calibrate`, body),
  save: (camera: number, version: number, body: T.CalibrateIn) => api.put<T.Camera>(`/cameras/${camera}/pose`, { ...body, expected_version: version }),
  spot: (camera: number, x: number, y: number, preset: string | null, pose: T.PoseIn | null) =>
    api.post<T.Spot>(`/cameras/${camera}/spot`, { x, y, preset, pose: pose ?? {} }),
};

export const ptz = {
  read: (camera: number) => api.get<T.Ptz>(`/cameras/${camera}/ptz`),
  take: (camera: number) => api.post<T.Ptz>(`/cameras/${camera}/ptz/take`),
  release: (camera: number) => api.post<T.Ptz>(`/cameras/${camera}/ptz/release`),
  move: (camera: number, move: T.PtzMove) => api.post<T.Ptz>(`/cameras/${camera}/ptz/move`, move),
  stop: (camera: number) => api.post<T.Ptz>(`/cameras/${camera}/ptz/stop`),
  goto: (camera: number, token: string) => api.post<T.Ptz>(`/cameras/${camera}/ptz/goto`, { token }),
  savePreset: (camera: number, name: string, token: string | null) => api.post<unknown>(`/cameras/${camera}/ptz/presets`, { name, token }),
  removePreset: (camera: number, token: string) => api.delete<T.Ptz>(`/cameras/${camera}/ptz/presets/${encodeURIComponent(token)}`),
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
  track: (id: number, from: string, to: string, signal?: AbortSignal) => api.get<T.Track>(`/vehicles/${id}/track`, { from, to }, signal),
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
  dismiss: (alarm: T.Alarm, reason: string, reason_code: T.DismissCode) =>
    api.post<T.Alarm>(`/alarms/${alarm.id}/dismiss`, { expected_version: alarm.version, reason, reason_code }),
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
  index: (cameraId: number, from: string, to: string, signal?: AbortSignal) =>
    api.get<T.RecordingIndex>(`/recordings/${cameraId}/index`, { from, to }, signal),
  /** The beginning of a file, for its video alone. */
  init: (segmentId: number) => send(`/recordings/segments/${segmentId}/init.mp4`),
  /** Bytes `from` to before `to` of a file. */
  segment: (segmentId: number, from: number, to: number, signal?: AbortSignal) =>
    send(`/recordings/segments/${segmentId}.mp4`, { headers: { range: `bytes=${from}-${to - 1}` }, signal }),
  keys: (cameraId: number, from: string, to: string, step_s: number, signal?: AbortSignal) =>
    send(`/recordings/${cameraId}/keys.mp4`, { query: { from, to, step_s }, signal }),
  transcoded: (cameraId: number, from: string, to: string, signal?: AbortSignal) =>
    send(`/recordings/${cameraId}/transcoded.mp4`, { query: { from, to }, signal }),
  audio: (cameraId: number, from: string, to: string, signal?: AbortSignal) =>
    send(`/recordings/${cameraId}/audio.mp4`, { query: { from, to }, signal }),
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

export const search = {
  run: (body: T.SearchIn) => api.post<T.SearchPage>('/search', body),
  labels: (cameraIds: readonly number[], from: string, to: string, signal?: AbortSignal) =>
    api.get<T.SeenLabel[]>('/search/labels', { camera_ids: cameraIds.join() || null, from, to }, signal),
  motion: (cameraIds: readonly number[], from: string, to: string, steps: number, signal?: AbortSignal) =>
    api.get<T.MotionBand[]>('/recordings/motion', { camera_ids: cameraIds.join(), from, to, steps }, signal),
  track: (uid: string, signal?: AbortSignal) => api.get<T.TrackDetail>(`/tracks/${uid}`, {}, signal),
};

export interface QueueFilter {
  camera_id: number | null;
  rule: string | null;
  kind: string | null;
  polygon: readonly T.LonLat[] | null;
  show: 'unseen' | 'all' | 'important' | 'false';
}

export const review = {
  queue: (filter: QueueFilter, before: string | null, limit: number, signal?: AbortSignal) =>
    api.get<T.Queue>('/review/queue', { ...filter, polygon: filter.polygon?.map((corner) => corner.join()).join(';'), before, limit }, signal),
  unseen: (signal?: AbortSignal) => api.get<T.Unseen>('/review/unseen', {}, signal),
  see: (body: T.SeenIn) => api.post<{ changed: number }>('/review/seen', body),
  mark: (id: number, body: T.EventMarkIn) => api.put<T.EventMark>(`/events/${id}/mark`, body),
};

export const holds = {
  list: (state: 'active' | 'all', signal?: AbortSignal) => api.get<T.Hold[]>('/holds', { state }, signal),
};

export const storage = {
  read: () => api.get<T.Storage>('/storage'),
  changeClass: (row: T.RetentionClass, change: { days?: number; limit_bytes: number | null }) =>
    api.patch<T.RetentionClass>(`/storage/classes/${row.name}`, { ...change, expected_version: row.version }),
  testTier: (body: T.TierTestIn) => api.post<T.TierTest>('/storage/tiers/test', body),
  addTier: (body: T.TierIn) => api.post<T.Tier>('/storage/tiers', body),
  changeTier: (tier: T.Tier, change: Omit<T.TierPatch, 'expected_version'>) =>
    api.patch<T.Tier>(`/storage/tiers/${tier.id}`, { ...change, expected_version: tier.version }),
  removeTier: (tier: T.Tier) => api.delete<void>(`/storage/tiers/${tier.id}`, { expected_version: tier.version }),
};

export const admin = {
  addCamera: (body: T.CameraIn) => api.post<T.Camera>('/cameras', body),
  changeCamera: (id: number, body: T.CameraPatch) => api.patch<T.Camera>(`/cameras/${id}`, body),
  testCamera: (body: T.CameraTestIn) => api.post<T.CameraTest>('/cameras/test', body),
  discover: () => api.post<T.OnvifFound[]>('/cameras/onvif/discover', {}),
  describe: (body: T.OnvifDescribeIn) => api.post<T.OnvifDescribe>('/cameras/onvif/describe', body),
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
