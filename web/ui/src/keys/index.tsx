/** `useCommands([...])` registers a component's keys while it is mounted; `<KeyHelp>` lists all of them. */
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { Dialog } from '../components/Dialog';
import { useText } from '../i18n';
import { allCommands, onKeyDown, register, subscribeCommands, unregister, type Command, type KeyGroup } from './registry';

export type { Command } from './registry';

export function useCommands(commands: readonly Command[]): void {
  const owner = useRef({});
  useLayoutEffect(() => {
    register(owner.current, commands);
  });
  useEffect(() => {
    const key = owner.current;
    return () => unregister(key);
  }, []);
}

/** Once per screen: listens to the keyboard. */
export function useKeyboard(): void {
  useEffect(() => {
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

export function useAllCommands(): readonly Command[] {
  return useSyncExternalStore(subscribeCommands, allCommands);
}

const SIGNS: Record<string, string> = {
  Enter: '⏎',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
};

/** A key as it is printed on the keyboard. */
export function Key({ name }: { name: string }) {
  const parts = name.split('+').filter(Boolean);
  return (
    <kbd>{parts.length ? parts.map((part) => (part === 'Shift' ? '⇧' : (SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part)))).join('') : name}</kbd>
  );
}

const GROUPS: KeyGroup[] = ['general', 'list', 'alarm', 'incident', 'map', 'video'];

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const t = useText();
  const commands = useAllCommands();
  return (
    <Dialog title={t('keys.title')} onClose={onClose} wide>
      <div className="help-grid">
        {GROUPS.map((group) => {
          const own = commands.filter((command, i) => command.group === group && commands.findIndex((other) => other.label === command.label && other.group === group) === i);
          if (own.length === 0) return null;
          return (
            <section key={group}>
              <h3>{t(`keys.group.${group}`)}</h3>
              <dl>
                {own.map((command) => (
                  <div key={command.id} style={{ display: 'contents' }}>
                    <dt>
                      {command.shown ? <kbd>{command.shown}</kbd> : command.keys.map((key) => <Key key={key} name={key} />)}
                    </dt>
                    <dd>{command.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
