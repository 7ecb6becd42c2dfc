/** From what a device offers to what a camera is set to. Pure. */
import type { OnvifDescribe, OnvifFound, OnvifProfile } from '../../api/types';

export interface Chosen {
  url: string;
  sub_url: string;
  onvif_url: string;
  onvif_profile: string;
  ptz: boolean;
}

/** The fields that the chosen profiles fill in; `sub` empty: only one stream is taken. */
export function chosen(device: OnvifDescribe, main: string, sub: string): Chosen {
  const url = (token: string) => device.profiles?.find((profile) => profile.token === token)?.stream_url ?? '';
  return {
    url: url(main),
    sub_url: sub === main ? '' : url(sub),
    onvif_url: device.url ?? '',
    onvif_profile: device.ptz_profile ?? '',
    ptz: Boolean(device.ptz_profile),
  };
}

/** A profile as one tells it from the others: `mainStream · H264 1920×1080, 25/s`. */
export function profileText(profile: OnvifProfile): string {
  const size = profile.width_px && profile.height_px ? `${profile.width_px}×${profile.height_px}` : '';
  const rate = profile.fps ? `${Math.round(profile.fps)}/s` : '';
  const picture = [[profile.codec?.toUpperCase(), size].filter(Boolean).join(' '), rate].filter(Boolean).join(', ');
  return [profile.name || profile.token, picture].filter(Boolean).join(' · ');
}

const plain = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** A code for a found device that nobody has yet: its name or model, and the end of its address. */
export function codeFor(found: Pick<OnvifFound, 'name' | 'hardware' | 'address'>, taken: ReadonlySet<string>): string {
  const tail = plain(found.address.split('.').slice(-2).join('-'));
  const head = plain(found.name) || plain(found.hardware) || 'cam';
  const base = [head.slice(0, 31 - tail.length - 1).replace(/-+$/, ''), tail].filter(Boolean).join('-').slice(0, 28);
  let code = base;
  for (let i = 2; taken.has(code); i += 1) code = `${base}-${i}`;
  return code;
}

/** The middle of the cameras there are, for those whose place is not known yet; null without any. */
export function middle(cameras: readonly { lon: number; lat: number }[]): [number, number] | null {
  if (cameras.length === 0) return null;
  const mean = (values: number[]) => Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 1e6) / 1e6;
  return [mean(cameras.map((camera) => camera.lon)), mean(cameras.map((camera) => camera.lat))];
}
