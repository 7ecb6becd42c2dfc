/** Sentences of the server in the reader's language: each has a code and what it names. Pure. */
import type { components } from '../api/schema';
import type { Language } from '../api/types';
import { defineMessages, textIn, type Params } from '../i18n';
import { moment } from '../i18n/format';
import en from './messages/en';
import zhCN from './messages/zh-CN';

export type Why = components['schemas']['WhyOut'];

export const messages = defineMessages({ 'zh-CN': zhCN, en });

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const ROLES = ['roles', 'own'];

/** `text` is the server's own English sentence: it stands where no code came, or one that is not known here. */
export function sentence(language: Language, text: string, why: Why | null | undefined): string {
  if (!why) return text;
  const t = messages.in(language);
  const params: Params = {};
  for (const [name, value] of Object.entries(why.params)) params[name] = named(language, name, value);
  const words = t.maybe(why.code, params);
  if (words === null || t.places(why.code).some((place) => !(place in why.params))) return text;
  const stream = why.params['stream'];
  return stream === undefined ? words : t('in_stream', { stream: t.maybe(`stream.${stream}`) ?? stream, words });
}

/** One thing that a sentence names: a time, a state or a role as the reader knows it, else as it came. */
function named(language: Language, name: string, value: string): string {
  const t = textIn(language);
  const known = messages.in(language).maybe(`value.${name}.${value}`) ?? t.maybe(`${name}.${value.replaceAll(' ', '_')}`);
  if (known !== null) return known;
  if (TIME.test(value)) return moment(value);
  if (!ROLES.includes(name)) return value;
  return value
    .split(/, | or /)
    .map((role) => t.maybe(`role.${role}`) ?? role)
    .join(language === 'en' ? ', ' : '、');
}
