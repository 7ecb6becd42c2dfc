import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/client';
import { defineMessages } from '../i18n';
import enText from '../i18n/messages/en';
import zhText from '../i18n/messages/zh-CN';
import { differences, explain } from './errors';

const en = defineMessages({ 'zh-CN': zhText, en: enText }).in('en');

describe('explain', () => {
  it('answers what, which and what now for a stale version, with both values', () => {
    const error = new ApiError(409, {
      code: 'stale_version',
      message: 'incident 1042 is at version 5, you sent 4',
      fields: [],
      sent: { expected_version: 4, priority: 2 },
      current: { version: 5, priority: 1 },
    });
    const text = explain(error, en, '#1042');
    expect(text.what).toBe('Someone else has just changed it');
    expect(text.thing).toBe('#1042: incident 1042 is at version 5, you sent 4');
    expect(text.differences).toEqual([{ field: 'priority', sent: '2', current: '1' }]);
    expect(text.stale).toBe(true);
  });

  it('words a server that is not there without the browser’s jargon', () => {
    const error = new ApiError(0, { code: 'unreachable', message: 'TypeError: Failed to fetch' });
    const text = explain(error, en);
    expect(text.what).toBe('The server cannot be reached');
    expect(text.thing).toBeNull();
  });

  it('words a sentence that has a code in the reader’s language', () => {
    const why = { code: 'login_refused', params: { user: 'admin' } };
    const message = "authenticate: the camera refuses user 'admin' or its password (401)";
    const zh = defineMessages({ 'zh-CN': zhText, en: enText }).in('zh-CN');
    const text = explain(new ApiError(422, { code: 'invalid', message, why, fields: [{ field: 'url', message, why }] }), zh);
    expect(text.thing).toBe('摄像头拒绝用户 admin 或其密码（401）');
    expect(text.fields).toEqual([{ field: 'url', message: '摄像头拒绝用户 admin 或其密码（401）' }]);
  });

  it('keeps the sentence of an unknown code', () => {
    expect(explain(new ApiError(418, { code: 'teapot', message: 'short and stout' }), en).thing).toBe('short and stout');
  });
});

describe('differences', () => {
  it('shows what there is now when the step itself carried no values', () => {
    expect(differences({ expected_version: 1 }, { id: 7, version: 2, state: 'acked', incident_id: null })).toEqual([
      { field: 'state', sent: '–', current: 'acked' },
    ]);
  });

  it('leaves out what agrees and what the server does not have', () => {
    expect(differences({ a: 1, b: [1], c: 3 }, { a: 1, b: [2] })).toEqual([{ field: 'b', sent: '[1]', current: '[2]' }]);
  });
});
