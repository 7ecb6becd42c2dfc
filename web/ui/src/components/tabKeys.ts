/** A row of tabs is one stop of the Tab key; the arrows walk along it, round its ends, and open what they reach. */
import type { KeyboardEvent } from 'react';

/** Which of `count` tabs a key leads to from the one at `at`; null where it is no key of tabs. */
export function tabAfter(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  if (key === 'ArrowRight') return (at + 1) % count;
  if (key === 'ArrowLeft') return (at - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

/** For the element with the role `tablist`. */
export function onTabKey(event: KeyboardEvent<HTMLElement>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')];
  const next = tabs[tabAfter(event.key, tabs.indexOf(event.target as HTMLElement), tabs.length) ?? -1];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
  next.click();
}
