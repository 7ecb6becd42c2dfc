import { expect, test } from 'vitest';
import { reasonText } from './reason';

test('a known reason is said in Chinese, with what it names', () => {
  expect(reasonText("describe: the camera has no stream at '/cam-1' (404)", 'zh-CN')).toBe('摄像头没有码流 /cam-1（404）：请检查地址中的路径');
  expect(reasonText("connect: 10.0.0.7:554 refuses connections: is the port right and the camera's RTSP service on?", 'zh-CN')).toContain('10.0.0.7:554 拒绝连接');
  expect(reasonText('options: 10.0.0.7:554 does not answer OPTIONS within 5 s', 'zh-CN')).toBe('10.0.0.7:554 没有应答');
});

test('English readers, and reasons that are not known, get the sentence itself', () => {
  expect(reasonText('play: something new', 'zh-CN')).toBe('play: something new');
  expect(reasonText('play: the camera ended the stream', 'en')).toBe('play: the camera ended the stream');
});
