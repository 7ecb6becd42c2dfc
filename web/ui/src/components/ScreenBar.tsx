import { LogOut, Moon, Sun } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { navigate, usePath } from '../app/router';
import { SCREENS, screensFor } from '../app/screens';
import { useSession } from '../app/session';
import { setTheme, THEMES, useTheme } from '../app/theme';
import { useServerNow } from '../feed/clock';
import { useText } from '../i18n';
import { clock } from '../i18n/format';
import './screenbar.css';

/** The bar above the quieter screens: where one is, where one may go, who one is. */
export function ScreenBar({ children }: { children?: ReactNode }) {
  const t = useText();
  const path = usePath();
  const theme = useTheme();
  const now = useServerNow();
  const { user, logout, chooseLanguage } = useSession();
  // On a phone the row of screens is longer than the bar: the present one is always in sight.
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // Braces: browsers give a promise here, which React would call when the bar goes away.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [path, t]);
  const other = t.language === 'en' ? 'zh-CN' : 'en';
  const here = SCREENS.find((screen) => screen.path === path);
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'dark';
  return (
    <header className="screenbar">
      <strong className="brand">{t('app.name')}</strong>
      {here && <h1 className="visually-hidden">{t(`app.screen.${here.folder}`)}</h1>}
      <nav ref={nav}>
        {screensFor(user.roles).map((screen) => (
          <a
            key={screen.path}
            href={screen.path}
            aria-current={screen.path === path ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              navigate(screen.path);
            }}
          >
            {t(`app.screen.${screen.folder}`)}
          </a>
        ))}
      </nav>
      {children}
      <span className="screenbar-space" />
      <time className="screenbar-clock">{clock(now)}</time>
      <span className="muted ellipsis">{user.display_name}</span>
      <button type="button" className="button quiet" lang={other} onClick={() => void chooseLanguage(other)}>
        {t(other === 'en' ? 'session.to_en' : 'session.to_zh')}
      </button>
      <button
        type="button"
        className="button quiet icon"
        aria-label={`${t('session.theme')}: ${t(`theme.${theme}`)}`}
        title={t(`theme.${nextTheme}`)}
        onClick={() => setTheme(nextTheme)}
      >
        {theme === 'light' ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
      </button>
      <button type="button" className="button quiet icon" aria-label={t('session.logout')} title={t('session.logout')} onClick={() => void logout()}>
        <LogOut size={18} aria-hidden />
      </button>
    </header>
  );
}
