import { expect, it } from 'vitest';
import type { Camera } from '../../api/types';
import { bodyOf, valuesOf } from './cameraValues';

const camera = {
  code: 'gate',
  name: '东门',
  name_en: null,
  url: 'rtsp://192.0.2.7/main',
  sub_url: 'rtsp://192.0.2.7/sub',
  lon: 120.9,
  lat: 31.4,
  height_m: null,
  yaw_deg: 0,
  record_stream: 'main',
  analyse_stream: 'sub',
  publish_stream: 'sub',
  retention_days: 15,
  audio: false,
} as Camera;

it('comes back as it was', () => {
  expect(bodyOf(valuesOf(camera))).toMatchObject({
    name: '东门',
    name_en: null,
    sub_url: 'rtsp://192.0.2.7/sub',
    height_m: null,
    yaw_deg: 0,
    analyse_stream: 'sub',
    retention_days: 15,
    audio: false,
  });
});

it('keeps the password that is not entered, and sends the one that is', () => {
  expect(bodyOf(valuesOf(camera))).not.toHaveProperty('password');
  expect(bodyOf({ ...valuesOf(camera), password: 'x' }).password).toBe('x');
});

it('gives every role the main stream when there is no other', () => {
  expect(bodyOf({ ...valuesOf(camera), sub_url: ' ' })).toMatchObject({ sub_url: null, analyse_stream: 'main', publish_stream: 'main' });
});
