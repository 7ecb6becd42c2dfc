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

test('what it names is in the reader’s language too', () => {
  expect(sentence('zh-CN', '', { code: 'export_no_room', params: { folder: '/e', error: 'No space left on device' } })).toBe('/e 空间不足：磁盘已满；请清理，或减少一次导出的内容');
  expect(sentence('zh-CN', '', { code: 'needs_role', params: { roles: 'commander or admin', name: '李', own: 'reviewer' } })).toBe('需要角色：指挥长、管理员；李 的角色：检索员');
  expect(sentence('zh-CN', '', { code: 'incident_not_closed', params: { id: '7', incident_state: 'onscene' } })).toBe('警情 #7 的状态是“到场处置”：只有已结束的警情才能重新打开');
  expect(sentence('en', '', { code: 'not_yet', params: { at: new Date(2020, 2, 1, 8, 0, 5).toISOString() } })).toBe('2020-03-01 08:00:05 has not come yet');
});

test('without a code, or with one that is not known or does not say enough, the sentence itself stands', () => {
  expect(sentence('zh-CN', text, null)).toBe(text);
  expect(sentence('zh-CN', 'play: something new', { code: 'something_new', params: {} })).toBe('play: something new');
  expect(sentence('zh-CN', text, { code: 'no_stream', params: {} })).toBe(text);
});
