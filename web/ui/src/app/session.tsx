/** Who is at the screen. Everything below a `SessionProvider` can count on `useSession()`. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { ApiError, setCsrf, setLoggedOutHandler } from '../api/client';
import { session as endpoint } from '../api/endpoints';
import type { Language, Role, Session, User } from '../api/types';
import { noteServerTime } from '../feed/clock';
import { setLanguage } from '../i18n';
import { ErrorNotice } from '../components/ErrorNotice';
import { navigate } from './router';

export interface SessionValue {
  user: User;
  has: (...roles: Role[]) => boolean;
  logout: () => Promise<void>;
  chooseLanguage: (language: Language) => Promise<void>;
  refresh: (session: Session) => void;
}

const Context = createContext<SessionValue | null>(null);

export function useSession(): SessionValue {
  const value = useContext(Context);
  if (!value) throw new Error('useSession is only for screens behind the login');
  return value;
}

/** Where a person's work begins. */
export function homeOf(user: User): string {
  const has = (role: Role) => user.roles.includes(role);
  if (has('dispatcher') || has('commander')) return '/';
  if (has('reviewer')) return '/review';
  if (has('responder')) return '/phone';
  return '/admin';
}

/** Takes a session from the login or the start of a page into force. */
export function adopt(session: Session, sentAt: number, receivedAt: number): void {
  setCsrf(session.csrf);
  setLanguage(session.user.language);
  noteServerTime(session.server_time, sentAt, receivedAt);
}

export function goToLogin(): void {
  const next = location.pathname + location.search;
  if (location.pathname === '/login') return;
  navigate(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, { replace: true });
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState<User | null>(null);
  const [error, setError] = useState<unknown>(null);

  const load = useCallback(async () => {
    setError(null);
    const sentAt = Date.now();
    try {
      const found = await endpoint.read();
      adopt(found, sentAt, Date.now());
      setUser(found.user);
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) goToLogin();
      else setError(problem);
    }
  }, []);

  useEffect(() => {
    setLoggedOutHandler(() => {
      setUser(null);
      goToLogin();
    });
    void load();
  }, [load]);

  const value = useMemo<SessionValue | null>(
    () =>
      user && {
        user,
        has: (...roles) => roles.some((role) => user.roles.includes(role)),
        logout: async () => {
          await endpoint.logout();
          setUser(null);
          setCsrf('');
          navigate('/login', { replace: true });
        },
        chooseLanguage: async (language) => {
          setLanguage(language);
          const changed = await endpoint.setLanguage(language);
          setCsrf(changed.csrf);
          setUser(changed.user);
        },
        refresh: (session) => {
          setCsrf(session.csrf);
          setUser(session.user);
        },
      },
    [user],
  );

  if (error) {
    return (
      <main className="center">
        <ErrorNotice error={error} onRetry={() => void load()} />
      </main>
    );
  }
  return value && <Context.Provider value={value}>{children}</Context.Provider>;
}
