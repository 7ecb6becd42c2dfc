/** In front of everything else, the Tab key goes round and does not leave. */

const STOPS = 'button, input, select, textarea, a[href], summary, [tabindex="0"]';

/** Which of `count` stops Tab leads to from the one at `at` (−1: from elsewhere); null where the browser's own way is right. */
export function stopAfter(at: number, count: number, back: boolean): number | null {
  if (count === 0) return null;
  if (at < 0) return back ? count - 1 : null;
  if (back) return at === 0 ? count - 1 : null;
  return at === count - 1 ? 0 : null;
}

/** For keydown: holds the focus within `node`. */
export function keepTab(event: KeyboardEvent, node: HTMLElement): void {
  if (event.key !== 'Tab') return;
  const stops = [...node.querySelectorAll<HTMLElement>(STOPS)].filter((each) => !each.hasAttribute('disabled') && each.tabIndex >= 0 && each.getClientRects().length > 0);
  const next = stopAfter(stops.indexOf(document.activeElement as HTMLElement), stops.length, event.shiftKey);
  const to = stops[next ?? -1];
  if (!to) return;
  event.preventDefault();
  to.focus();
}
