import { MousePointerClick, X } from 'lucide-react';
import { useEffect, type CSSProperties } from 'react';
import { useSession } from '../../app/session';
import { remembered } from '../../app/store';
import { getTheme, setTheme } from '../../app/theme';
import { useTitle } from '../../app/title';
import { Empty } from '../../components/small';
import { showError } from '../../components/toasts';
import { FeedProvider, useConnection, useFeed, useRow } from '../../feed';
import { useServerNow } from '../../feed/clock';
import { isOpenAlarm } from '../../feed/store';
import { getLanguage } from '../../i18n';
import { age } from '../../i18n/format';
import { KeyHelp, useCommands, useKeyboard } from '../../keys';
import { useActions, type Actions } from './actions';
import { useAlarmSound } from './alarmSound';
import './console.css';
import './topbar.css';
import './queue.css';
import './map-pane.css';
import './dock.css';
import './search.css';
import './narrow.css';
import './panels.css';
import { Dialogs } from './dialogs';
import { Dock } from './Dock';
import { MapPane } from './MapPane';
import { linked } from './link';
import { useConsoleText } from './messages';
import { AlarmPanel } from './panels/AlarmPanel';
import { IncidentPanel } from './panels/IncidentPanel';
import { ThingPanel } from './panels/ThingPanel';
import { Queue } from './Queue';
import { Resizer } from './Resizer';
import { Search } from './Search';
import { consoleState, keep, select, type Pane } from './state';
import { mute } from './tones';
import { MUTE_MINUTES, nextTheme, TopBar } from './TopBar';

export default function ConsoleScreen() {
  return (
    <FeedProvider>
      <Console />
    </FeedProvider>
  );
}

function Console() {
  const t = useConsoleText();
  const actions = useActions();
  const feed = useFeed();
  const { state } = useConnection();
  const sizes = consoleState.use((value) => value.sizes);
  const pane = consoleState.use((value) => value.pane);
  const help = consoleState.use((value) => value.help);
  const searching = consoleState.use((value) => value.searching);
  useTitle('console');
  useKeyboard();
  useAlarmSound(feed.alarms, state === 'live');
  useConsoleCommands(actions);

  // An address that names a thing opens with it.
  useEffect(() => {
    const wanted = linked(location.search);
    if (wanted) select(wanted);
  }, []);

  return (
    <div
      className="console"
      data-pane={pane}
      style={{ '--queue': `${sizes.queue_px}px`, '--panel-width': `${sizes.panel_px}px`, '--dock': `${sizes.dock_px}px` } as CSSProperties}
    >
      <TopBar />
      <AwayBanner />
      <Queue />
      <Resizer name="queue_px" axis="x" sign={1} least={280} most={560} label={t('resize.queue')} />
      <MapPane />
      <Resizer name="dock_px" axis="y" sign={-1} least={140} most={520} label={t('resize.dock')} />
      <Dock />
      <Resizer name="panel_px" axis="x" sign={-1} least={320} most={640} label={t('resize.panel')} />
      <Panel actions={actions} />
      <PaneTabs pane={pane} />
      {searching && <Search center={() => remembered<{ center: [number, number] } | null>('wanglou.map.console', null)?.center ?? null} />}
      <Dialogs actions={actions} />
      {help && <KeyHelp onClose={() => consoleState.set({ help: false })} />}
    </div>
  );
}

/** Keys that belong to the whole screen. Those of a panel are with the panel. */
function useConsoleCommands(actions: Actions): void {
  const t = useConsoleText();
  const { has, chooseLanguage } = useSession();
  const feed = useFeed();
  const selection = consoleState.use((state) => state.selection);
  const cursor = consoleState.use((state) => state.cursor);
  const tab = consoleState.use((state) => state.tab);
  const layersShown = consoleState.use((state) => state.layersShown);
  // The alarm under the cursor, else the one that is open.
  const target = useRow(feed.alarms, tab === 'alarms' && cursor.alarms !== null ? cursor.alarms : selection?.kind === 'alarm' ? selection.id : null);
  const alarm = target && isOpenAlarm(target) && has('dispatcher', 'commander') ? target : undefined;

  const idle = (id: string, key: string, label: string, shown?: string) => ({ id, keys: [key], shown, label, group: 'incident' as const, run: () => undefined, enabled: false });

  useCommands([
    // The incident panel brings these itself; the help lists them also while none is open.
    idle('idle.send', 'Enter', t('key.send_first')),
    idle('idle.send-nth', '1', t('key.send_nth'), '1 – 9'),
    idle('idle.note', 'n', t('key.note')),
    idle('idle.close', 'c', t('key.close')),
    { id: 'help', keys: ['?'], group: 'general', label: t('key.help'), run: () => consoleState.set({ help: true }) },
    { id: 'search', keys: ['/'], group: 'general', label: t('key.search'), run: () => consoleState.set({ searching: true }) },
    {
      id: 'escape',
      keys: ['Escape'],
      group: 'general',
      label: t('key.escape'),
      run: () => (layersShown ? consoleState.set({ layersShown: false }) : select(null)),
      enabled: layersShown || selection !== null,
    },
    {
      id: 'language',
      keys: ['l'],
      group: 'general',
      label: t('key.language'),
      run: () => void chooseLanguage(getLanguage() === 'en' ? 'zh-CN' : 'en').catch((error: unknown) => showError(error)),
    },
    { id: 'theme', keys: ['t'], group: 'general', label: t('key.theme'), run: () => setTheme(nextTheme(getTheme())) },
    { id: 'mute', keys: ['m'], group: 'general', label: t('key.mute'), run: () => mute(MUTE_MINUTES) },
    { id: 'dock', keys: ['b'], group: 'video', label: t('key.dock'), run: () => keep({ dockShown: !consoleState.get().dockShown }) },
    { id: 'alarm.open', keys: ['o'], group: 'alarm', label: t('key.open_incident'), run: () => alarm && void actions.openFrom(alarm), enabled: Boolean(alarm) },
    { id: 'alarm.ack', keys: ['a'], group: 'alarm', label: t('key.ack'), run: () => alarm && void actions.ack(alarm), enabled: alarm !== undefined && alarm.state !== 'acked' },
    { id: 'alarm.dismiss', keys: ['d'], group: 'alarm', label: t('key.dismiss'), run: () => alarm && consoleState.set({ dialog: { kind: 'dismiss', alarm } }), enabled: Boolean(alarm) },
    { id: 'alarm.shelve', keys: ['s'], group: 'alarm', label: t('key.shelve'), run: () => alarm && consoleState.set({ dialog: { kind: 'shelve', alarm } }), enabled: Boolean(alarm) },
  ]);
}

function AwayBanner() {
  const t = useConsoleText();
  const { state, since } = useConnection();
  useServerNow();
  if (state !== 'away') return null;
  return (
    <p className="away-banner" role="alert">
      {t('bar.away_banner', { age: age((Date.now() - since) / 1000) })}
    </p>
  );
}

function Panel({ actions }: { actions: Actions }) {
  const t = useConsoleText();
  const feed = useFeed();
  const selection = consoleState.use((state) => state.selection);
  const alarm = useRow(feed.alarms, selection?.kind === 'alarm' ? selection.id : null);
  return (
    <aside className="panel" aria-label={t('tabs.panel')}>
      {selection && (
        <button type="button" className="button quiet icon small panel-close" title={`${t('panel.close')} (Esc)`} aria-label={t('panel.close')} onClick={() => select(null)}>
          <X size={16} aria-hidden />
        </button>
      )}
      {!selection ? (
        <Empty icon={<MousePointerClick size={28} aria-hidden />} title={t('panel.empty')}>
          {t('panel.empty_hint')}
        </Empty>
      ) : selection.kind === 'incident' ? (
        <IncidentPanel key={selection.id} id={selection.id} actions={actions} />
      ) : selection.kind === 'alarm' && alarm ? (
        <AlarmPanel key={alarm.id} alarm={alarm} actions={actions} />
      ) : (
        <ThingPanel selection={selection} actions={actions} />
      )}
    </aside>
  );
}

const PANES: readonly Pane[] = ['queue', 'map', 'panel'];

/** On a narrow screen one pane at a time. */
function PaneTabs({ pane }: { pane: Pane }) {
  const t = useConsoleText();
  return (
    <nav className="pane-tabs">
      {PANES.map((name) => (
        <button key={name} type="button" aria-current={pane === name ? 'page' : undefined} onClick={() => consoleState.set({ pane: name })}>
          {t(`tabs.${name}`)}
        </button>
      ))}
    </nav>
  );
}
