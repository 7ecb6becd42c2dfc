/** Address → screen. A screen is a folder in `src/screens` whose `index.tsx` exports the component by default. */
import { lazy, Suspense, type ComponentType, type LazyExoticComponent } from 'react';
import { ErrorBoundary } from '../components/ErrorBoundary';
import { Toasts } from '../components/Toasts';
import { useText } from '../i18n';
import { LoginScreen } from '../screens/login';
import { navigate, usePath } from './router';
import { SCREENS } from './screens';
import { homeOf, SessionProvider, useSession } from './session';

const modules = import.meta.glob<{ default: ComponentType }>(['../screens/*/index.tsx', '!../screens/login/index.tsx']);

const components = new Map<string, LazyExoticComponent<ComponentType>>();
for (const { folder } of SCREENS) {
  const load = modules[`../screens/${folder}/index.tsx`];
  if (load) components.set(folder, lazy(load));
}

export function App() {
  const path = usePath();
  return (
    <ErrorBoundary>
      {path === '/login' ? (
        <LoginScreen />
      ) : (
        <SessionProvider>
          <Inside path={path} />
        </SessionProvider>
      )}
      <Toasts />
    </ErrorBoundary>
  );
}

function Inside({ path }: { path: string }) {
  const t = useText();
  const { user, has } = useSession();
  const screen = SCREENS.find((candidate) => candidate.path === path);
  const Component = screen && components.get(screen.folder);
  if (!screen || !Component) {
    return <Stop title={t('app.not_found')} hint={t('app.not_found_hint', { path })} home={homeOf(user)} />;
  }
  if (!has(...screen.roles)) {
    return <Stop title={t('app.forbidden')} hint={t('app.forbidden_hint')} home={homeOf(user)} />;
  }
  return (
    <Suspense fallback={<p className="center muted">{t('app.loading')}</p>}>
      <Component />
    </Suspense>
  );
}

function Stop({ title, hint, home }: { title: string; hint: string; home: string }) {
  const t = useText();
  return (
    <main className="center">
      <div className="empty">
        <strong>{title}</strong>
        <span>{hint}</span>
        <button type="button" className="button" onClick={() => navigate(home, { replace: true })}>
          {t('app.back')}
        </button>
      </div>
    </main>
  );
}
