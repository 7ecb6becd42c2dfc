/** Every key on a screen, in one place: what it does, when it can, and its line in the help. */

export type KeyGroup = 'general' | 'list' | 'alarm' | 'incident' | 'map' | 'video';

export interface Command {
  id: string;
  /** As `KeyboardEvent.key`, letters in lower case, with `Shift+` where it matters: `j`, `Enter`, `?`, `Shift+L`. */
  keys: readonly string[];
  group: KeyGroup;
  label: string;
  /** How the help writes the keys where listing them all would hide the meaning: `1 – 9`. */
  shown?: string;
  run: (key: string) => void;
  /** False: shown in the help, does nothing now. */
  enabled?: boolean;
}

/** What a key press is called in `Command.keys`; null for presses that belong to the browser or a modifier alone. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (['Shift', 'Control', 'Alt', 'Meta', 'CapsLock', 'Process', 'Unidentified'].includes(event.key)) return null;
  const letter = /^[a-zA-Z]$/.test(event.key);
  const name = letter ? event.key.toLowerCase() : event.key;
  return event.shiftKey && (letter || event.key.length > 1) ? `Shift+${name}` : name;
}

/** The last registered command that wants the key and can run wins: a panel's key before the screen's. */
export function findCommand(sets: Iterable<readonly Command[]>, key: string): Command | null {
  let found: Command | null = null;
  for (const set of sets) {
    for (const command of set) {
      if (command.enabled !== false && command.keys.includes(key)) found = command;
    }
  }
  return found;
}

const sets = new Map<object, readonly Command[]>();
const listeners = new Set<() => void>();
let snapshot: readonly Command[] = [];

function changed(): void {
  snapshot = [...sets.values()].flat();
  listeners.forEach((listener) => listener());
}

export function register(owner: object, commands: readonly Command[]): void {
  sets.set(owner, commands);
  changed();
}

export function unregister(owner: object): void {
  sets.delete(owner);
  changed();
}

export function subscribeCommands(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const allCommands = (): readonly Command[] => snapshot;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)));

const takesEnter = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a[href], summary, input, [role="menuitem"]') !== null;

/** For `document`. A key in a field is text, a key in an open dialog is the dialog's, Enter on a button is the button's. */
export function onKeyDown(event: KeyboardEvent): void {
  const key = keyName(event);
  if (key === null || event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
  if (document.querySelector('[role="dialog"][aria-modal]')) return;
  if ((key === 'Enter' || key === ' ') && takesEnter(event.target)) return;
  const command = findCommand(sets.values(), key);
  if (!command) return;
  if (event.repeat && !key.startsWith('Arrow') && key !== 'j' && key !== 'k') return;
  event.preventDefault();
  command.run(key);
}
