/** The console API's routes about zones, masks and noise. */
import { api } from '../api/client';
import type { components } from '../api/schema';
import type { Event, LonLat, ZoneIn, Zone } from '../api/types';
import type { Rule, RuleName } from './rules';

type Schemas = components['schemas'];
export type Tried = Schemas['TryOut'];
export type Outline = Schemas['OutlineOut'];
export type Ignored = Schemas['IgnoredOut'];
export type Mask = Schemas['PrivacyMaskOut'];
export type Noise = Schemas['NoiseOut'];
export type Proposal = Schemas['ProposalOut'];
export type Source = Pick<Noise, 'camera_id' | 'rule' | 'zone_id'>;

export const zonesApi = {
  rules: () => api.get<Rule[]>('/rules'),
  outlines: (signal?: AbortSignal) => api.get<Outline[]>('/zones/outlines', {}, signal),
  draw: (rule: RuleName, ground: readonly LonLat[], arrow: readonly LonLat[]) =>
    api.post<Outline[]>('/zones/outlines', { rule, ground, arrow: arrow.length === 2 ? arrow : null }),
  ignored: (cameraId: number | null) => api.get<Ignored[]>('/zones/ignored', { camera_id: cameraId }),
  ignore: (zoneId: number, camera_id: number, points: readonly [number, number][]) => api.post<Ignored>(`/zones/${zoneId}/ignored`, { camera_id, points }),
  unignore: (area: Ignored) => api.delete<void>(`/zones/${area.zone_id}/ignored/${area.id}`),
  tryOut: (zone: ZoneIn, more: { zone_id?: number | null; camera_id?: number | null; ignored?: [number, number][][]; hours?: number } = {}) =>
    api.post<Tried>('/zones/try', { zone, ...more }),
};

export const masksApi = {
  list: (cameraId: number) => api.get<Mask[]>('/privacy-masks', { camera_id: cameraId }),
  add: (body: Schemas['PrivacyMaskIn']) => api.post<Mask>('/privacy-masks', body),
  change: (mask: Mask, change: Omit<Schemas['PrivacyMaskPatch'], 'expected_version'>) =>
    api.patch<Mask>(`/privacy-masks/${mask.id}`, { ...change, expected_version: mask.version }),
  remove: (mask: Mask) => api.delete<void>(`/privacy-masks/${mask.id}`, { expected_version: mask.version }),
};

export const noiseApi = {
  list: (signal?: AbortSignal) => api.get<Noise[]>('/noise', {}, signal),
  proposals: ({ camera_id, rule, zone_id }: Source, signal?: AbortSignal) => api.get<Proposal[]>('/noise/proposals', { camera_id, rule, zone_id }, signal),
  apply: ({ camera_id, rule, zone_id }: Source, kind: Proposal['kind'], expected_version: number | null) =>
    api.post<Zone>('/noise/proposals/apply', { camera_id, rule, zone_id, kind, expected_version }),
  decline: ({ camera_id, rule, zone_id }: Source, kind: Proposal['kind']) => api.post<void>('/noise/proposals/decline', { camera_id, rule, zone_id, kind }),
  events: (alarmId: number, signal?: AbortSignal) => api.get<Event[]>(`/alarms/${alarmId}/events`, {}, signal),
};
