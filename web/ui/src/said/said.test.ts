import { expect, test } from 'vitest';
import { sentence } from './index';

const lost = { code: 'no_stream', params: { step: 'describe', path: '/cam-1' } };
const text = "describe: the camera has no stream at '/cam-1' (404)";

test('a known code is worded in the reader’s language, with what it names', () => {
  expect(sentence('zh-CN', text, lost)).toBe('摄像头没有码流 /cam-1（404）：请检查地址中的路径');
  expect(sentence('en', text, lost)).toBe('the camera has no stream at /cam-1 (404): check the path in its address');
});

test('trouble of the other stream names the stream', () => {
  const sub = { ...lost, params: { ...lost.params, stream: 'sub' } };
  expect(sentence('zh-CN', `sub: ${text}`, sub)).toBe('子码流：摄像头没有码流 /cam-1（404）：请检查地址中的路径');
});

test('without a code, or with one that is not known or does not say enough, the sentence itself stands', () => {
  expect(sentence('zh-CN', text, null)).toBe(text);
  expect(sentence('zh-CN', 'play: something new', { code: 'something_new', params: {} })).toBe('play: something new');
  expect(sentence('zh-CN', text, { code: 'no_stream', params: {} })).toBe(text);
});
