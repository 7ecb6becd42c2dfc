/** Short names for the API's bodies. They are generated; a route that changes shows up here as a type error. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Alarm = Schemas['AlarmOut'];
export type Assignment = Schemas['AssignmentOut'];
export type Audit = Schemas['AuditOut'];
export type Camera = Schemas['CameraOut'];
export type CameraIn = Schemas['CameraIn'];
export type CameraPatch = Schemas['CameraPatch'];
export type CameraTestIn = Schemas['CameraTestIn'];
export type CameraTest = Schemas['CameraTestOut'];
export type CloseIn = Schemas['CloseIn'];
export type Ellipse = Schemas['EllipseOut'];
export type ErrorBody = Schemas['ErrorBody'];
export type Event = Schemas['EventOut'];
export type EventPage = Schemas['EventPage'];
export type Health = Schemas['HealthOut'];
export type Hold = Schemas['HoldOut'];
export type Incident = Schemas['IncidentOut'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentIn = Schemas['IncidentIn'];
export type IncidentPatch = Schemas['IncidentPatch'];
export type LogEntry = Schemas['LogEntryOut'];
export type MyAssignment = Schemas['MyAssignmentOut'];
export type Place = Schemas['PlaceOut'];
export type Portal = Schemas['PortalOut'];
export type PortalPatch = Schemas['PortalPatch'];
export type Recommendation = Schemas['RecommendationOut'];
export type SeeingCamera = Schemas['SeeingCameraOut'];
export type Sensor = Schemas['SensorOut'];
export type Series = Schemas['SeriesOut'];
export type Session = Schemas['SessionOut'];
export type Timeline = Schemas['TimelineOut'];
export type Unit = Schemas['UnitOut'];
export type UnitPatch = Schemas['UnitPatch'];
export type User = Schemas['UserOut'];
export type UserIn = Schemas['UserIn'];
export type UserPatch = Schemas['UserPatch'];
export type Vehicle = Schemas['VehicleOut'];
export type Zone = Schemas['ZoneOut'];
export type ZoneIn = Schemas['ZoneIn'];
export type ZonePatch = Schemas['ZonePatch'];

export type Role = User['roles'][number];
export type Language = User['language'];
export type Priority = Alarm['priority'];
export type Service = Unit['service'];
export type Step = Schemas['AdvanceIn']['step'];
export type AlarmState = Alarm['state'];
export type AssignmentState = Assignment['state'];
export type CameraState = Camera['state'];
export type IncidentState = Incident['state'];
export type IncidentType = Incident['type'];
/** Longitude first, WGS-84 degrees. */
export type LonLat = [number, number];
