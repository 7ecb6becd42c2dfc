import { Eye, EyeOff } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { ApiError } from '../../api/client';
import { session } from '../../api/endpoints';
import { navigate } from '../../app/router';
import { adopt, homeOf } from '../../app/session';
import { ErrorNotice } from '../../components/ErrorNotice';
import { defineMessages, setLanguage, useLanguage, useText } from '../../i18n';
import './login.css';
import en from './messages/en';
import zhCN from './messages/zh-CN';
import { Tower } from './Tower';

const messages = defineMessages({ 'zh-CN': zhCN, en });

/** Only a path of this site: a link from elsewhere must not send a fresh login anywhere. */
export function safeNext(next: string | null): string | null {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : null;
}

export function LoginScreen() {
  const t = messages.use();
  const shared = useText();
  const language = useLanguage();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = async () => {
    setBusy(true);
    setError(null);
    const sentAt = Date.now();
    try {
      const fresh = await session.login(name.trim(), password);
      const wanted = language;
      adopt(fresh, sentAt, Date.now());
      // The language chosen on this page is the one the person reads now.
      if (wanted !== fresh.user.language) await session.setLanguage(wanted).then(() => setLanguage(wanted));
      const next = safeNext(new URLSearchParams(location.search).get('next'));
      navigate(next ?? homeOf(fresh.user), { replace: true });
    } catch (problem) {
      setBusy(false);
      setError(
        problem instanceof ApiError && problem.status === 401 ? new ApiError(401, { ...problem.body, code: 'wrong_login', message: '' }) : problem,
      );
    }
  };

  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState('CapsLock'));

  return (
    <main className="login">
      <Tower />
      <div className="login-language" role="group" aria-label={shared('session.language')}>
        {(['zh-CN', 'en'] as const).map((code) => (
          <button key={code} type="button" lang={code} aria-pressed={language === code} onClick={() => setLanguage(code)}>
            {shared(code === 'en' ? 'session.to_en' : 'session.to_zh')}
          </button>
        ))}
      </div>
      <form
        className="login-card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <header>
          <h1>{shared('app.name')}</h1>
          <p className="muted">{t('login.tagline')}</p>
        </header>
        <label className="field">
          <span className="label">{t('login.name')}</span>
          <input
            className="input"
            data-testid="login-name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="field">
          <span className="label">{t('login.password')}</span>
          <span className="login-password">
            <input
              className="input"
              data-testid="login-password"
              name="password"
              type={shown ? 'text' : 'password'}
              autoComplete="current-password"
              required
              maxLength={200}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              onKeyUp={watchCaps}
            />
            <button type="button" className="button quiet icon" aria-label={t(shown ? 'login.hide' : 'login.show')} onClick={() => setShown(!shown)}>
              {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
            </button>
          </span>
          {caps && <span className="problem">{t('login.caps')}</span>}
        </label>
        {error !== null && <ErrorNotice error={error} />}
        <button type="submit" className="button primary large" data-testid="login-submit" disabled={busy}>
          {t(busy ? 'login.submitting' : 'login.submit')}
        </button>
        <p className="muted login-footnote">{t('login.footnote')}</p>
      </form>
    </main>
  );
}
