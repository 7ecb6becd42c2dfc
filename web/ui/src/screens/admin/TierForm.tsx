import { LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import { storage as routes } from '../../api/endpoints';
import type { Tier, TierTest } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useText } from '../../i18n';
import { sentence } from '../../said';
import { Check, Field, fieldProblems, numberOrNull, TextField } from './parts';
import { messages } from './text';

interface Props {
  /** Null: a new one. */
  tier: Tier | null;
  onClose: () => void;
  onDone: () => void;
}

/** A further place for footage: a folder on another disk, or a bucket of an S3 store. It is tried before it is kept. */
export function TierForm({ tier, onClose, onDone }: Props) {
  const t = messages.use();
  const shared = useText();
  const [kind, setKind] = useState<'path' | 's3'>(tier?.kind === 's3' ? 's3' : 'path');
  const [values, setValues] = useState({
    name: tier?.name ?? '',
    path: tier?.path ?? '',
    endpoint: tier?.endpoint ?? '',
    bucket: tier?.bucket ?? '',
    prefix: tier?.prefix ?? '',
    region: tier?.region ?? '',
    access_key: tier?.access_key ?? '',
    secret: '',
    after_days: tier?.after_days == null ? '' : String(tier.after_days),
    above_percent: tier?.above_percent == null ? '' : String(tier.above_percent),
    rate: tier?.rate_bytes_s == null ? '' : String(tier.rate_bytes_s / 1e6),
  });
  const [enabled, setEnabled] = useState(tier?.enabled ?? true);
  const [error, setError] = useState<unknown>(null);
  const [tested, setTested] = useState<TierTest | 'busy' | null>(null);
  const [busy, setBusy] = useState(false);
  const problems = fieldProblems(error);
  const fixed = tier !== null && tier.segments > 0;
  const set = (key: keyof typeof values) => (value: string) => setValues((held) => ({ ...held, [key]: value }));

  const place = () =>
    kind === 'path'
      ? { path: values.path.trim() }
      : {
          endpoint: values.endpoint.trim(),
          bucket: values.bucket.trim(),
          prefix: values.prefix.trim(),
          region: values.region.trim() || null,
          access_key: values.access_key.trim() || null,
          ...(values.secret ? { secret: values.secret } : {}),
        };
  const rate = numberOrNull(values.rate);
  const rules = () => ({
    after_days: numberOrNull(values.after_days),
    above_percent: numberOrNull(values.above_percent),
    rate_bytes_s: rate === null ? null : Math.round(rate * 1e6),
  });
  const attempt = async (step: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await step();
      onDone();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const test = async () => {
    setTested('busy');
    setError(null);
    try {
      setTested(await routes.testTier({ kind, id: tier?.id ?? null, prefix: '', ...place() }));
    } catch (problem) {
      setTested(null);
      setError(problem);
    }
  };
  const save = () =>
    attempt(() =>
      tier
        ? routes.changeTier(tier, { name: values.name, enabled, ...rules(), ...place() })
        : routes.addTier({ kind, name: values.name, enabled, prefix: '', ...rules(), ...place() }),
    );
  const text = (key: 'path' | 'endpoint' | 'bucket' | 'prefix' | 'region' | 'access_key', more: { required?: boolean; hint?: string; disabled?: boolean } = {}) => (
    <TextField label={t(`tier.${key}`)} value={values[key]} problem={problems[key]} testid={`tier-${key}`} onChange={set(key)} {...more} />
  );

  return (
    <Dialog
      wide
      title={tier ? tier.name : t('storage.tier_add')}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          {tier && tier.segments === 0 && (
            <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => routes.removeTier(tier))}>
              {t('tier.remove')}
            </button>
          )}
          <button type="button" className="button" disabled={tested === 'busy'} data-testid="tier-test" onClick={() => void test()}>
            {tested === 'busy' && <LoaderCircle size={14} className="ad-spin" aria-hidden />}
            {t('tier.test')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy} data-testid="tier-save">
            {shared('action.save')}
          </button>
        </>
      }
    >
      {error !== null && <ErrorNotice error={error} thing={values.name} onReload={onDone} />}
      {tested !== null && tested !== 'busy' && (
        <div className="notice" role="status" data-testid="tier-tested" data-ok={tested.ok}>
          <span>
            <span className="what">{t(tested.ok ? 'tier.test_ok' : 'tier.test_bad', { ms: tested.took_ms })}</span>
            {!tested.ok && <p>{sentence(t.language, tested.message, tested.why)}</p>}
          </span>
        </div>
      )}
      <div className="ad-form">
        <TextField label={t('tier.name')} required maxLength={64} value={values.name} problem={problems['name']} testid="tier-name" onChange={set('name')} />
        {!tier && (
          <Field label={t('tier.kind')}>
            <select className="input" value={kind} data-testid="tier-kind" onChange={(event) => setKind(event.target.value as 'path' | 's3')}>
              <option value="path">{t('tier.kind.path')}</option>
              <option value="s3">{t('tier.kind.s3')}</option>
            </select>
          </Field>
        )}
      </div>
      <div className="ad-form">
        {kind === 'path' ? (
          text('path', { required: true, hint: t('tier.path_hint'), disabled: fixed })
        ) : (
          <>
            {text('endpoint', { required: true, hint: t('tier.endpoint_hint') })}
            {text('bucket', { required: true, disabled: fixed })}
            {text('prefix', { hint: t('tier.prefix_hint'), disabled: fixed })}
            {text('region')}
            {text('access_key')}
            <TextField label={t('tier.secret')} type="password" value={values.secret} problem={problems['secret']} {...(tier?.has_secret ? { hint: t('camera.password_keep') } : {})} testid="tier-secret" onChange={set('secret')} />
          </>
        )}
      </div>
      {fixed && <p className="muted ad-hint">{t('tier.fixed')}</p>}
      <fieldset className="ad-part">
        <legend>{t('tier.rules')}</legend>
        <div className="ad-form">
          <TextField label={t('tier.after_days')} type="number" value={values.after_days} problem={problems['after_days']} testid="tier-after_days" onChange={set('after_days')} />
          <TextField label={t('tier.above_percent')} type="number" value={values.above_percent} problem={problems['above_percent']} onChange={set('above_percent')} />
          <TextField label={t('tier.rate')} type="number" hint={t('tier.rate_hint')} value={values.rate} problem={problems['rate_bytes_s']} onChange={set('rate')} />
        </div>
        <Check label={t('tier.enabled')} checked={enabled} onChange={setEnabled} />
      </fieldset>
    </Dialog>
  );
}
