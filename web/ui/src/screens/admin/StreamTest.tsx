import { Check, Circle, LoaderCircle, X } from 'lucide-react';
import { useState } from 'react';
import { admin } from '../../api/endpoints';
import type { CameraTest } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { sentence } from '../../said';
import { messages } from './text';

/** In the order in which a camera is tried. */
const STEPS = ['resolve', 'connect', 'describe', 'authenticate', 'setup', 'play', 'key_frame'] as const;

interface Props {
  name: string;
  url: string;
  username: string;
  password: string;
}

/** Tries one address and shows how far it came. */
export function StreamTest({ name, url, username, password }: Props) {
  const t = messages.use();
  const [result, setResult] = useState<CameraTest | 'busy' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setResult('busy');
    setError(null);
    try {
      setResult(await admin.testCamera({ url: url.trim(), username: username || null, password: password || null }));
    } catch (problem) {
      setResult(null);
      setError(problem);
    }
  };
  const done = result !== null && result !== 'busy' ? result : null;
  const failed = done && !done.ok ? STEPS.findIndex((step) => step === done.step) : -1;
  const state = (i: number) => (!done ? 'open' : done.ok || i < failed ? 'ok' : i === failed ? 'bad' : 'open');
  return (
    <div className="ad-test" data-testid="stream-test" data-ok={done?.ok}>
      <button type="button" className="button small" disabled={result === 'busy' || !url.trim()} onClick={() => void run()}>
        {result === 'busy' && <LoaderCircle size={14} className="ad-spin" aria-hidden />}
        {t(result === 'busy' ? 'camera.testing' : 'camera.test', { name })}
      </button>
      {done && (
        <ol className="ad-steps" aria-label={t('camera.test', { name })}>
          {STEPS.map((step, i) => (
            <li key={step} data-state={state(i)}>
              {state(i) === 'ok' ? <Check size={14} aria-hidden /> : state(i) === 'bad' ? <X size={14} aria-hidden /> : <Circle size={10} aria-hidden />}
              {t(`step.${step}`)}
              <span className="visually-hidden"> {t(`step_state.${state(i)}`)}</span>
            </li>
          ))}
        </ol>
      )}
      {done && (
        <p role="status">
          {done.ok
            ? t('camera.test_ok', {
                s: (done.first_picture_s ?? 0).toFixed(1),
                codec: done.codec?.toUpperCase() ?? '–',
                w: done.width_px ?? 0,
                h: done.height_px ?? 0,
                fps: Math.round(done.fps ?? 0),
              })
            : sentence(t.language, done.message, done.why)}
        </p>
      )}
      {error !== null && <ErrorNotice error={error} thing={name} />}
    </div>
  );
}
