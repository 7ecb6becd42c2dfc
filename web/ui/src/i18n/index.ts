/**
 * Text in two languages. A screen keeps its catalogues in `messages/zh-CN.ts` and `messages/en.ts` beside it and
 * makes its own typed translator with `defineMessages`; words that several screens share are in `i18n/messages`.
 */
import { useMemo } from 'react';
import type { Language } from '../api/types';
import { getLanguage, useLanguage } from './language';
import en from './messages/en';
import zhCN from './messages/zh-CN';

export { getLanguage, onLanguage, setLanguage, useLanguage } from './language';

export type Params = Record<string, string | number>;

/**
 * Fills `{name}` places. `one|many` picks by the parameter `n`: 'no units' is worded as a message of its own.
 */
export function format(message: string, params: Params = {}): string {
  const forms = message.split('|');
  const form = forms.length > 1 && params['n'] !== 1 ? forms[1] : forms[0];
  return (form ?? message).replace(/\{(\w+)\}/g, (place, name: string) => String(params[name] ?? place));
}

export interface Translator<K extends string> {
  (key: K, params?: Params): string;
  /** The same for a key made from data (a state, a kind): null when the catalogue does not know it. */
  maybe(key: string, params?: Params): string | null;
  /** The names of the places to fill in of a message; none where the catalogue does not know it. */
  places(key: string): string[];
  language: Language;
}

type Catalogue = Record<string, string>;

export interface Messages<K extends string> {
  use: () => Translator<K>;
  in: (language: Language) => Translator<K>;
  catalogues: Record<Language, Catalogue>;
}

/** The type of `en` makes a missing or surplus key a compile error. */
export function defineMessages<C extends Catalogue>(catalogues: {
  'zh-CN': C;
  en: { [K in keyof C]: string };
}): Messages<keyof C & string> {
  type K = keyof C & string;
  const translator = (language: Language): Translator<K> => {
    const catalogue: Catalogue = catalogues[language];
    const translate = (key: K, params?: Params) => format(catalogue[key] ?? key, params);
    const maybe = (key: string, params?: Params) => {
      const message = catalogue[key];
      return message === undefined ? null : format(message, params);
    };
    const places = (key: string) => [...(catalogue[key] ?? '').matchAll(/\{(\w+)\}/g)].map((place) => place[1] ?? '');
    return Object.assign(translate, { maybe, places, language });
  };
  return {
    in: translator,
    use: () => {
      const language = useLanguage();
      return useMemo(() => translator(language), [language]);
    },
    catalogues,
  };
}

const common = defineMessages({ 'zh-CN': zhCN, en });
export type CommonKey = keyof typeof zhCN;

/** The shared words: `const t = useText()`. */
export const useText = common.use;
/** The shared words in a language. */
export const textIn = common.in;
/** The shared words outside React, in the language now in force. */
export const textNow = () => common.in(getLanguage());

/** The name of a row in the reader's language: English falls back to Chinese, never the other way round. */
export function named(language: Language, row: { name: string; name_en?: string | null }): string {
  return language === 'en' && row.name_en ? row.name_en : row.name;
}

/** A title without the place at its end, for where the place is written beside it: `Fire: People Rd` → `Fire`. */
export function headline(title: string, place: string): string {
  if (!place || !title.endsWith(place)) return title;
  return title.slice(0, -place.length).replace(/[\s:：·,，]+$/, '') || title;
}

/** Why a thing has no place on the map; empty where it has one or nobody knows. */
export function noPlace(t: Translator<CommonKey>, thing: { nowhere?: string | null; nowhere_m?: number | null }): string {
  return thing.nowhere ? (t.maybe(`nowhere.${thing.nowhere}`, { m: (thing.nowhere_m ?? 0).toFixed(0) }) ?? '') : '';
}

/** One of a pair of optional texts, such as `place` and `place_en`. */
export function either(language: Language, zh: string | null | undefined, enText: string | null | undefined): string {
  return (language === 'en' ? enText || zh : zh || enText) ?? '';
}
