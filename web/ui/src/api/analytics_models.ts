/** The console API's routes about detection models and links across cameras. */
import { api } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Model = Schemas['ModelOut'];
export type Models = Schemas['ModelsOut'];
export type ModelTest = Schemas['ModelTestOut'];
export type Sight = Schemas['SightOut'];
export type TrackLink = Schemas['TrackLinkOut'];

export const models = {
  list: () => api.get<Models>('/models'),
  use: (model: Model) => api.post<Models>(`/models/${model.id}/use`),
  rest: (purpose: Model['purpose']) => api.post<Models>('/models/rest', { purpose }),
  test: (model: Model, cameraId: number) => api.post<ModelTest>(`/models/${model.id}/test`, { camera_id: cameraId }),
};

export const links = {
  of: (uid: string, signal?: AbortSignal) => api.get<TrackLink[]>(`/tracks/${uid}/links`, {}, signal),
  decide: (link: TrackLink, decision: TrackLink['decision']) => api.post<void>(`/track-links/${link.id}/decision`, { decision }),
};
