/** Dark, light or high contrast, remembered in this browser. The map reads it too. */
import { useSyncExternalStore } from 'react';

export type Theme = 'dark' | 'light' | 'contrast';
export const THEMES: readonly Theme[] = ['dark', 'light', 'contrast'];

const KEY = 'wanglou.theme';
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    if (value === 'dark' || value === 'light' || value === 'contrast') return value;
  } catch {
    return 'dark'; // storage may be closed to us
  }
  return matchMedia('(prefers-contrast: more)').matches ? 'contrast' : 'dark';
}

let current: Theme = typeof window === 'undefined' ? 'dark' : stored();

export function getTheme(): Theme {
  return current;
}

export function setTheme(theme: Theme): void {
  current = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // in force until the page is closed
  }
  applyTheme();
  listeners.forEach((listener) => listener());
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = current;
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, getTheme);
}
