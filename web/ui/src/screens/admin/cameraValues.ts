/** A camera as its form holds it, and back to what the server takes. Pure. */
import type { Camera, CameraIn } from '../../api/types';
import { numberOrNull } from './parts';

export const PLACE = ['lon', 'lat', 'height_m', 'yaw_deg', 'pitch_deg', 'hfov_deg'] as const;
export const ROLES = [
  ['recorded', 'record_stream'],
  ['analysed', 'analyse_stream'],
  ['published', 'publish_stream'],
] as const;

type Texts = 'code' | 'name' | 'name_en' | 'url' | 'sub_url' | 'username' | 'password' | 'onvif_url' | 'onvif_profile' | 'ptz_home';
type Numbers = (typeof PLACE)[number] | 'retention_days' | 'ptz_home_after_s';
type Flags = 'enabled' | 'recorded' | 'analysed' | 'published' | 'audio' | 'ptz';
type Streams = 'record_stream' | 'analyse_stream' | 'publish_stream';
export type Values = Record<Texts | Numbers, string> & Record<Flags, boolean> & Record<Streams, Camera['record_stream']>;

export function valuesOf(camera: Camera | null): Values {
  const text = (value: string | number | null | undefined) => (value === null || value === undefined ? '' : String(value));
  return {
    code: camera?.code ?? '',
    password: '',
    name: text(camera?.name),
    name_en: text(camera?.name_en),
    url: text(camera?.url),
    sub_url: text(camera?.sub_url),
    username: text(camera?.username),
    onvif_url: text(camera?.onvif_url),
    onvif_profile: text(camera?.onvif_profile),
    ptz_home: text(camera?.ptz_home),
    ptz_home_after_s: text(camera?.ptz_home_after_s ?? 60),
    lon: text(camera?.lon),
    lat: text(camera?.lat),
    height_m: text(camera?.height_m),
    yaw_deg: text(camera?.yaw_deg),
    pitch_deg: text(camera?.pitch_deg),
    hfov_deg: text(camera?.hfov_deg),
    retention_days: text(camera?.retention_days ?? 30),
    enabled: camera?.enabled ?? true,
    recorded: camera?.recorded ?? true,
    analysed: camera?.analysed ?? true,
    published: camera?.published ?? false,
    audio: camera?.audio ?? true,
    ptz: camera?.ptz ?? false,
    record_stream: camera?.record_stream ?? 'main',
    analyse_stream: camera?.analyse_stream ?? 'main',
    publish_stream: camera?.publish_stream ?? 'main',
  };
}

/** What is sent, for a new camera and for a changed one. Without a second stream every role takes the main one. */
export function bodyOf(values: Values): Omit<CameraIn, 'code' | 'roll_deg'> {
  const stream = (wanted: Camera['record_stream']) => (values.sub_url.trim() ? wanted : 'main');
  return {
    name: values.name,
    name_en: values.name_en || null,
    url: values.url.trim(),
    sub_url: values.sub_url.trim() || null,
    username: values.username || null,
    ...(values.password ? { password: values.password } : {}),
    onvif_url: values.onvif_url.trim() || null,
    onvif_profile: values.onvif_profile.trim() || null,
    ptz: values.ptz,
    ptz_home: values.ptz_home || null,
    ptz_home_after_s: Number(values.ptz_home_after_s),
    lon: Number(values.lon),
    lat: Number(values.lat),
    height_m: numberOrNull(values.height_m),
    yaw_deg: numberOrNull(values.yaw_deg),
    pitch_deg: numberOrNull(values.pitch_deg),
    hfov_deg: numberOrNull(values.hfov_deg),
    retention_days: Number(values.retention_days),
    enabled: values.enabled,
    recorded: values.recorded,
    analysed: values.analysed,
    published: values.published,
    audio: values.audio,
    record_stream: stream(values.record_stream),
    analyse_stream: stream(values.analyse_stream),
    publish_stream: stream(values.publish_stream),
  };
}
