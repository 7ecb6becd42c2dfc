import { describe, expect, it } from 'vitest';
import type { OnvifDescribe, OnvifProfile } from '../../api/types';
import { chosen, codeFor, middle, profileText } from './onvif';

const profile = (token: string, stream_url: string | null): OnvifProfile => ({
  token,
  name: token,
  codec: 'h264',
  width_px: 1920,
  height_px: 1080,
  fps: 25,
  bitrate_bps: null,
  ptz: false,
  stream_url,
  snapshot_url: null,
});
const device: OnvifDescribe = {
  ok: true,
  step: 'done',
  message: '',
  url: 'http://192.0.2.7/onvif/device_service',
  maker: 'Wang',
  model: 'W1',
  firmware: '',
  serial: '',
  clock_ahead_s: 0,
  profiles: [profile('a', 'rtsp://192.0.2.7/main'), profile('b', 'rtsp://192.0.2.7/sub'), profile('c', null)],
  main: 'a',
  sub: 'b',
  ptz_profile: 'a',
  notes: [],
};

describe('chosen', () => {
  it('fills the addresses of both streams and who turns the camera', () => {
    expect(chosen(device, 'a', 'b')).toEqual({
      url: 'rtsp://192.0.2.7/main',
      sub_url: 'rtsp://192.0.2.7/sub',
      onvif_url: 'http://192.0.2.7/onvif/device_service',
      onvif_profile: 'a',
      ptz: true,
    });
  });

  it('takes no second stream that is none, or the same', () => {
    expect(chosen(device, 'a', '').sub_url).toBe('');
    expect(chosen(device, 'a', 'a').sub_url).toBe('');
    expect(chosen(device, 'a', 'c').sub_url).toBe('');
    expect(chosen({ ...device, ptz_profile: null }, 'a', '').ptz).toBe(false);
  });
});

it('tells profiles apart', () => {
  expect(profileText(profile('main', null))).toBe('main · H264 1920×1080, 25/s');
  expect(profileText({ ...profile('x', null), name: '', codec: null, width_px: null, fps: null })).toBe('x');
});

describe('codeFor', () => {
  const found = { name: 'IPC Dome', hardware: 'DS-2CD', address: '192.0.2.7' };

  it('is safe, short, and nobody else’s', () => {
    expect(codeFor(found, new Set())).toBe('ipc-dome-2-7');
    expect(codeFor(found, new Set(['ipc-dome-2-7', 'ipc-dome-2-7-2']))).toBe('ipc-dome-2-7-3');
    expect(codeFor({ ...found, name: '大华' }, new Set())).toBe('ds-2cd-2-7');
    expect(codeFor({ name: '', hardware: '', address: '[fe80::1]' }, new Set())).toMatch(/^cam-fe80-1$/);
    expect(codeFor({ ...found, name: 'x'.repeat(80) }, new Set())).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
  });
});

it('puts what has no place yet into the middle of what has', () => {
  expect(middle([])).toBeNull();
  expect(middle([{ lon: 120, lat: 31 }, { lon: 121, lat: 32 }])).toEqual([120.5, 31.5]);
});
