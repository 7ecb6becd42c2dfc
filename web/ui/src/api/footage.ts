/** The console API's routes about footage: exports, locks, coverage. */
import { api, apiUrl } from './client';
import type { components } from './schema';

interface Stretch {
  fromMs: number;
  toMs: number;
}

const iso = (ms: number) => new Date(ms).toISOString();

type Schemas = components['schemas'];
export type MaskIn = Schemas['MaskIn'];
export type ExportJob = Schemas['ExportOut'];
export type Estimate = Schemas['ExportEstimateOut'];

export const exports = {
  estimate: (cameraIds: readonly number[], { fromMs, toMs }: Stretch, signal?: AbortSignal) =>
    api.get<Estimate>('/exports/estimate', { camera_ids: cameraIds.join(), from: iso(fromMs), to: iso(toMs) }, signal),
  start: (cameraIds: readonly number[], { fromMs, toMs }: Stretch, reason: string, mask: MaskIn | null) =>
    api.post<ExportJob>('/exports', { camera_ids: cameraIds, from_at: iso(fromMs), to_at: iso(toMs), reason, mask }),
  list: (signal?: AbortSignal) => api.get<ExportJob[]>('/exports', { limit: 50 }, signal),
  cancel: (job: ExportJob) => api.post<ExportJob>(`/exports/${job.id}/cancel`),
  downloadUrl: (job: ExportJob) => apiUrl(`/exports/${job.id}/download`),
  key: (signal?: AbortSignal) => api.get<Schemas['EvidenceKeyOut']>('/exports/key', {}, signal),
};

export type CoverageDay = Pick<Schemas['CoverageDayOut'], 'day' | 'recorded_s' | 'percent' | 'gaps'>;
export type CoverageCamera = Pick<Schemas['CameraCoverageOut'], 'camera_id' | 'percent'> & { days: CoverageDay[] };

export const coverage = {
  /** Days begin at this browser's midnight. */
  read: (fromMs: number, toMs: number, signal?: AbortSignal) =>
    api.get<Schemas['CoverageOut']>('/coverage', { from: iso(fromMs), to: iso(toMs), utc_offset_min: -new Date(toMs - 1).getTimezoneOffset() }, signal),
};

export type Hold = Schemas['HoldOut'];
export type HoldIn = Pick<Schemas['HoldIn'], 'kind' | 'reason' | 'expires_at'>;

export const holds = {
  list: (state: 'active' | 'all', signal?: AbortSignal) => api.get<Hold[]>('/holds', { state }, signal),
  take: (cameraId: number, { fromMs, toMs }: Stretch, body: HoldIn) =>
    api.post<Hold>('/holds', { camera_id: cameraId, from_at: iso(fromMs), to_at: iso(toMs), ...body }),
  release: (hold: Hold, reason: string) => api.post<Hold>(`/holds/${hold.id}/release`, { expected_version: hold.version, reason }),
  extend: (hold: Hold, expires_at: string) => api.patch<Hold>(`/holds/${hold.id}`, { expected_version: hold.version, expires_at }),
};
