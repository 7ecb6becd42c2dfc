/** Sentences of the server in the reader's language: each has a code and what it names. Pure. */
import type { Language } from '../api/types';
import type { components } from '../api/schema';
import { defineMessages } from '../i18n';
import en from './messages/en';
import zhCN from './messages/zh-CN';

export type Why = components['schemas']['WhyOut'];

export const messages = defineMessages({ 'zh-CN': zhCN, en });

/** `text` is the server's own English sentence: it stands where no code came, or one that is not known here. */
export function sentence(language: Language, text: string, why: Why | null | undefined): string {
  if (!why) return text;
  const t = messages.in(language);
  const words = t.maybe(why.code, why.params);
  if (words === null || t.places(why.code).some((place) => !(place in why.params))) return text;
  const stream = why.params['stream'];
  return stream === undefined ? words : t('in_stream', { stream: t.maybe(`stream.${stream}`) ?? stream, words });
}
