/** Notices that stay until they are dismissed or, for good news, five seconds. Errors never leave by themselves. */
import { useSyncExternalStore } from 'react';

export interface Toast {
  id: number;
  error?: unknown;
  text?: string;
  thing?: string;
  onReload?: () => void;
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** `thing` names what the failed step was about; `onReload` is offered on a 409. */
export function showError(error: unknown, thing?: string, onReload?: () => void): void {
  set([...toasts.slice(-3), { id: nextId++, error, thing, onReload }]);
}

export function showText(text: string): void {
  const id = nextId++;
  set([...toasts.slice(-3), { id, text }]);
  setTimeout(() => dismissToast(id), 5000);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
