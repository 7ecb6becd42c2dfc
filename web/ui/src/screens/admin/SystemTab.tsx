import { CircleAlert, CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { Health } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useText, type CommonKey } from '../../i18n';
import { age, number } from '../../i18n/format';
import { Decoding } from './Decoding';
import { messages } from './text';

const EVERY_MS = 5000;

/** What runs, what does not, and the figures each process gives of itself. */
export function SystemTab() {
  const t = messages.use();
  const shared = useText();
  const [health, setHealth] = useState<Health | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const load = () =>
      admin.system().then(
        (found) => {
          setHealth(found);
          setError(null);
        },
        (problem: unknown) => setError(problem),
      );
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (error !== null) return <ErrorNotice error={error} />;
  if (!health) return <p className="muted">{shared('app.loading')}</p>;
  const byState = new Map<string, string[]>();
  for (const [code, state] of Object.entries(health.cameras)) byState.set(state, [...(byState.get(state) ?? []), code]);
  return (
    <div className="ad-narrow">
      <section className="ad-switch">
        {health.state === 'ok' ? <CircleCheck size={28} aria-hidden /> : <CircleAlert size={28} aria-hidden />}
        <div>
          <h2>{t(`system.state.${health.state}`)}</h2>
          <p className="muted">
            {t('system.version', { v: health.version })} · {t('system.database')} {t(`system.database.${health.database}`)}
          </p>
        </div>
      </section>
      <section>
        <h2>{t('system.cameras')}</h2>
        <ul className="ad-list">
          {[...byState].map(([state, codes]) => (
            <li key={state}>
              <span>
                {shared.maybe(`camera_state.${state}` as CommonKey) ?? state} · {codes.length}
              </span>
              <span className="muted">{codes.join(', ')}</span>
            </li>
          ))}
        </ul>
      </section>
      {health.processes.map((process) => (
        <section key={process.name}>
          <h2>
            {t.maybe(`system.name.${process.name}`) ?? process.name}{' '}
            <span className="muted">{t(`system.process.${process.state}`, { age: age(process.beat_age_s ?? 0) })}</span>
          </h2>
          <Decoding facts={process.facts} />
          <details className="ad-counters">
            <summary>{t('system.counters')}</summary>
            <dl className="ad-facts">
              {Object.entries(process.facts).map(([name, value]) => typeof value !== 'object' && (
                <div key={name}>
                  <dt className="muted">{name}</dt>
                  <dd>{typeof value === 'number' ? number(value, t.language) : String(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        </section>
      ))}
    </div>
  );
}
