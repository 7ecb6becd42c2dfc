import { BellOff, BellRing, ChevronDown, CircleHelp, Contrast, KeyRound, Languages, LogOut, Moon, Search as SearchIcon, Sun, UserRound } from 'lucide-react';
import { useState } from 'react';
import type { Priority } from '../../api/types';
import { navigate } from '../../app/router';
import { screensFor } from '../../app/screens';
import { useSession } from '../../app/session';
import { setTheme, THEMES, useTheme, type Theme } from '../../app/theme';
import { Popover } from '../../components/Popover';
import { showError } from '../../components/toasts';
import { compareAlarms, compareIncidents, isOpenIncident } from '../../feed/store';
import { useConnection, useFeed, useRows } from '../../feed';
import { useServerNow } from '../../feed/clock';
import { useLanguage, useText } from '../../i18n';
import { age, clock, day } from '../../i18n/format';
import { useConsoleText } from './messages';
import { PasswordDialog } from './PasswordDialog';
import { RecordingWarning } from './RecordingWarning';
import { consoleState, select } from './state';
import { mute, sound } from './tones';

const PRIORITIES: readonly Priority[] = [1, 2, 3, 4];
export const MUTE_MINUTES = 5;

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'dark';
}

export function TopBar() {
  const t = useConsoleText();
  const shared = useText();
  const now = useServerNow();
  return (
    <header className="topbar">
      <h1 className="brand">{shared('app.name')}</h1>
      <Counts />
      <time className="topbar-clock" dateTime={new Date(now).toISOString()} title={day(now)}>
        {clock(now)}
      </time>
      <FeedState />
      <button type="button" className="topbar-search" aria-label={`${shared('action.search')}: ${t('search.placeholder')}`} onClick={() => consoleState.set({ searching: true })}>
        <SearchIcon size={15} aria-hidden />
        <span className="ellipsis">{t('search.placeholder')}</span>
        <kbd>/</kbd>
      </button>
      <RecordingWarning />
      <SoundButton />
      <button type="button" className="button quiet icon" title={`${t('bar.keys')} (?)`} aria-label={t('bar.keys')} onClick={() => consoleState.set({ help: true })}>
        <CircleHelp size={18} aria-hidden />
      </button>
      <LanguageButton />
      <ThemeButton />
      <UserMenu />
    </header>
  );
}

/** What is open by level; a click goes to the next that nobody has handled. */
function Counts() {
  const t = useConsoleText();
  const shared = useText();
  const feed = useFeed();
  const alarms = useRows(feed.alarms);
  const incidents = useRows(feed.incidents);
  const next = (priority: Priority) => {
    const alarm = alarms.filter((row) => row.priority === priority && (row.state === 'raised' || row.state === 'acked')).sort(compareAlarms)[0];
    if (alarm) return select({ kind: 'alarm', id: alarm.id });
    const incident = incidents.filter((row) => row.priority === priority && isOpenIncident(row)).sort(compareIncidents)[0];
    if (incident) select({ kind: 'incident', id: incident.id });
  };
  return (
    <div className="counts">
      {PRIORITIES.map((priority) => {
        const open = incidents.filter((row) => row.priority === priority && isOpenIncident(row)).length;
        const waiting = alarms.filter((row) => row.priority === priority && (row.state === 'raised' || row.state === 'acked')).length;
        return (
          <button
            key={priority}
            type="button"
            data-priority={priority}
            data-none={open + waiting === 0 || undefined}
            title={t('bar.counts', { word: shared(`priority.${priority}`), incidents: open, alarms: waiting })}
            onClick={() => next(priority)}
          >
            <span className="level">P{priority}</span>
            <b>{open + waiting}</b>
          </button>
        );
      })}
    </div>
  );
}

function FeedState() {
  const t = useConsoleText();
  const { state, delay_s, since } = useConnection();
  useServerNow();
  const away = age((Date.now() - since) / 1000);
  const text =
    state === 'live' ? t('bar.live', { s: delay_s.toFixed(1) }) : state === 'connecting' ? t('bar.connecting') : t('bar.away', { age: away });
  return (
    <span className="feed-state" data-testid="feed-state" data-state={state} role="status" aria-live="off">
      <i aria-hidden />
      {text}
    </span>
  );
}

function SoundButton() {
  const t = useConsoleText();
  useServerNow();
  const left_s = (sound.use((state) => state.mutedUntil) - Date.now()) / 1000;
  const muted = left_s > 0;
  const label = muted ? `${t('bar.muted', { age: age(left_s) })} · ${t('bar.unmute')}` : t('bar.mute', { n: MUTE_MINUTES });
  return (
    <button type="button" className="button quiet icon topbar-wide" data-muted={muted || undefined} title={label} aria-label={label} onClick={() => mute(muted ? 0 : MUTE_MINUTES)}>
      {muted ? <BellOff size={18} aria-hidden /> : <BellRing size={18} aria-hidden />}
      {muted && <span className="sound-left">{age(left_s)}</span>}
    </button>
  );
}

function useToggleLanguage(): () => void {
  const language = useLanguage();
  const { chooseLanguage } = useSession();
  return () => void chooseLanguage(language === 'en' ? 'zh-CN' : 'en').catch((error: unknown) => showError(error));
}

function LanguageButton() {
  const shared = useText();
  const language = useLanguage();
  const toggle = useToggleLanguage();
  return (
    <button
      type="button"
      className="button quiet icon topbar-wide"
      title={`${shared('session.language')} (L)`}
      aria-label={shared('session.language')}
      onClick={toggle}
    >
      <span aria-hidden>{language === 'en' ? 'A/文' : '文/A'}</span>
    </button>
  );
}

function ThemeButton() {
  const shared = useText();
  const theme = useTheme();
  const Icon = theme === 'dark' ? Moon : theme === 'light' ? Sun : Contrast;
  const label = `${shared('session.theme')}: ${shared(`theme.${theme}`)} (T)`;
  return (
    <button type="button" className="button quiet icon topbar-wide" title={label} aria-label={label} onClick={() => setTheme(nextTheme(theme))}>
      <Icon size={18} aria-hidden />
    </button>
  );
}

function UserMenu() {
  const t = useConsoleText();
  const shared = useText();
  const { user, logout } = useSession();
  const theme = useTheme();
  const toggleLanguage = useToggleLanguage();
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const screens = screensFor(user.roles).filter((screen) => screen.path !== '/');
  return (
    <Popover
      open={open}
      setOpen={setOpen}
      button={
        <>
          <UserRound size={18} className="topbar-narrow" aria-hidden />
          <span className="ellipsis">{user.display_name}</span>
          <span className="muted topbar-wide">{user.roles.map((role) => shared(`role.${role}`)).join(' · ')}</span>
          <ChevronDown size={15} aria-hidden />
        </>
      }
      label={t('bar.menu')}
      outside={changing && <PasswordDialog onClose={() => setChanging(false)} />}
    >
      <div className="caption">
        {user.name} · {user.roles.map((role) => shared(`role.${role}`)).join(' · ')}
      </div>
      {screens.map((screen) => (
        <button key={screen.path} type="button" onClick={() => navigate(screen.path)}>
          {shared(`app.screen.${screen.folder}`)}
        </button>
      ))}
      {screens.length > 0 && <hr />}
      <button type="button" className="topbar-narrow" onClick={toggleLanguage}>
        <Languages size={16} aria-hidden />
        {shared('session.language')}
      </button>
      <button type="button" className="topbar-narrow" onClick={() => setTheme(nextTheme(theme))}>
        <Contrast size={16} aria-hidden />
        {`${shared('session.theme')}: ${shared(`theme.${theme}`)}`}
      </button>
      <button type="button" onClick={() => setChanging(true)}>
        <KeyRound size={16} aria-hidden />
        {shared('session.password')}
      </button>
      <button type="button" onClick={() => void logout().catch((error: unknown) => showError(error))}>
        <LogOut size={16} aria-hidden />
        {shared('session.logout')}
      </button>
    </Popover>
  );
}
