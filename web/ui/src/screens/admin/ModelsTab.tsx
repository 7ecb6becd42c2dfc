import { Boxes, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { models as routes, type Model, type Models, type ModelTest } from '../../api/analytics_models';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useFeed, useRows } from '../../feed';
import { named, useLanguage, useText } from '../../i18n';
import { bytes, day, number } from '../../i18n/format';
import { Table } from './parts';
import { messages as trackMessages } from '../../track';
import { firstCamera } from '../../zones/firstCamera';
import { messages } from './text';

const EVERY_MS = 10_000;

/** Detection models: which are kept under which licence, which analytics asks, and what one sees in a camera's picture. */
export function ModelsTab() {
  const t = messages.use();
  const shared = useText();
  const language = useLanguage();
  const [found, setFound] = useState<Models | null>(null);
  const [error, setError] = useState<unknown>(null);
  const take = (answer: Promise<Models>) =>
    answer.then(
      (next) => {
        setFound(next);
        setError(null);
      },
      (problem: unknown) => setError(problem),
    );
  useEffect(() => {
    void take(routes.list());
    const timer = setInterval(() => void take(routes.list()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (!found) return error === null ? <p className="muted">{shared('app.loading')}</p> : <ErrorNotice error={error} onRetry={() => void take(routes.list())} />;
  const asked = found.models.filter((model) => model.active);
  return (
    <div className="ad-narrow">
      {error !== null && <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      <section className="ad-switch">
        {found.problem ? <TriangleAlert size={28} aria-hidden /> : <Boxes size={28} aria-hidden />}
        <div>
          <h2>{found.problem ? t('models.problem') : asked.some((model) => model.purpose === 'detect') ? t('models.asked_by') : t('models.none_asked')}</h2>
          <p className="muted">
            {found.problem ??
              (found.asked > 0
                ? t('models.figures', { answered: found.answered, known: found.known, ms: number(found.run_ms ?? 0, language, 1), failures: found.failures })
                : t('models.without'))}
          </p>
        </div>
      </section>
      <section>
        <h2>{t('models.kept')}</h2>
        {found.models.length === 0 ? (
          <p className="muted">
            {t('models.empty')} <code>wanglou models add FILE --licence …</code>
          </p>
        ) : (
          <Table heads={[t('models.name'), t('models.purpose'), t('models.input'), t('models.licence'), t('models.added'), null]}>
            {found.models.map((model) => (
              <Row key={model.id} model={model} onAnswer={(answer) => void take(answer)} />
            ))}
          </Table>
        )}
      </section>
      {found.models.length > 0 && <Trial models={found.models} />}
    </div>
  );
}

function Row({ model, onAnswer }: { model: Model; onAnswer: (answer: Promise<Models>) => void }) {
  const t = messages.use();
  return (
    <tr data-testid={`model-${model.name}`}>
      <td>
        <strong>{model.name}</strong>
        <div className="muted" title={model.sha256}>
          {model.family} · {bytes(model.size_bytes)} · {model.sha256.slice(0, 12)}
        </div>
      </td>
      <td>
        {t(`models.purpose.${model.purpose}`)}
        <div className="muted">{model.active ? t('models.active') : ''}</div>
      </td>
      <td className="ad-number">
        {model.width_px}×{model.height_px}
        {model.classes.length > 0 && (
          <div className="muted" title={model.classes.join(', ')}>
            {t('models.classes', { n: model.classes.length })}
          </div>
        )}
      </td>
      <td>
        {model.licence}
        <div className="muted ad-break">{model.source}</div>
      </td>
      <td>
        {day(model.added_at)}
        <div className="muted">{model.added_by === 'command line' ? t('models.by_command_line') : model.added_by}</div>
      </td>
      <td>
        <button type="button" className="button small" onClick={() => onAnswer(model.active ? routes.rest(model.purpose) : routes.use(model))}>
          {t(model.active ? 'models.stop' : 'models.use')}
        </button>
      </td>
    </tr>
  );
}

/** One model shown one camera's newest picture, with frames around what it sees. */
function Trial({ models }: { models: readonly Model[] }) {
  const t = messages.use();
  const track = trackMessages.use();
  const language = useLanguage();
  const cameras = useRows(useFeed().cameras);
  const detectors = models.filter((model) => model.purpose === 'detect');
  const [modelId, setModelId] = useState<number | null>(null);
  const [cameraId, setCameraId] = useState<number | null>(null);
  const [seen, setSeen] = useState<ModelTest | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const model = detectors.find((each) => each.id === modelId) ?? detectors.find((each) => each.active) ?? detectors[0];
  const camera = firstCamera(cameras, cameraId);
  if (!model || !camera) return null;
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      setSeen(await routes.test(model, camera.id));
    } catch (problem) {
      setSeen(null);
      setError(problem);
    }
    setBusy(false);
  };
  const percent = (share: number) => `${share * 100}%`;
  return (
    <section>
      <h2>{t('models.try')}</h2>
      <div className="ad-try">
        <label className="field">
          <span className="label">{t('models.name')}</span>
          <select className="input" value={model.id} onChange={(event) => setModelId(Number(event.target.value))}>
            {detectors.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="label">{t('models.camera')}</span>
          <select className="input" value={camera.id} onChange={(event) => setCameraId(Number(event.target.value))}>
            {cameras.map((each) => (
              <option key={each.id} value={each.id}>
                {named(language, each)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button primary" disabled={busy} onClick={() => void run()} data-testid="model-try">
          {t('models.look')}
        </button>
      </div>
      {error !== null && <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      {seen && (
        <>
          <p className="muted">{t('models.seen', { n: seen.sights.length, ms: number(seen.milliseconds, language, 1), w: seen.width_px, h: seen.height_px })}</p>
          <figure className="ad-seen" data-testid="model-seen">
            <img src={`data:image/jpeg;base64,${seen.jpeg}`} alt={named(language, camera)} />
            {seen.sights.map((sight, i) => (
              <i key={i} data-kind={sight.kind} style={{ left: percent(sight.box[0]), top: percent(sight.box[1]), width: percent(sight.box[2]), height: percent(sight.box[3]) }}>
                <b>
                  {track.maybe(`label.${sight.label}`) ?? sight.label} {Math.round(sight.confidence * 100)}%
                </b>
              </i>
            ))}
          </figure>
        </>
      )}
    </section>
  );
}
