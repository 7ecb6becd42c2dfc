/** The language in force, kept in this browser and, once someone is logged in, with the person. */
import { useSyncExternalStore } from 'react';
import type { Language } from '../api/types';

const KEY = 'wanglou.language';
const listeners = new Set<() => void>();

function stored(): Language {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN';
  } catch {
    return 'zh-CN'; // storage may be closed to us; the default language still works
  }
}

let current: Language = typeof localStorage === 'undefined' ? 'zh-CN' : stored();

export function getLanguage(): Language {
  return current;
}

export function setLanguage(language: Language): void {
  current = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // not remembered, but in force for as long as the page is open
  }
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(onLanguage, getLanguage);
}
