import { CircleAlert, X } from 'lucide-react';
import { explain } from '../app/errors';
import { useText } from '../i18n';

interface Props {
  error: unknown;
  /** What it happened to, as people call it: `#1042`, a camera's name. */
  thing?: string;
  onRetry?: () => void;
  /** Offered instead of a retry when someone else changed the thing meanwhile. */
  onReload?: () => void;
  onDismiss?: () => void;
}

/** What happened, to which thing, what now. A 409 shows both values and offers the latest. */
export function ErrorNotice({ error, thing, onRetry, onReload, onDismiss }: Props) {
  const t = useText();
  const text = explain(error, t, thing);
  return (
    <div className="notice" role="alert" data-testid="error-notice">
      <CircleAlert size={18} aria-hidden />
      <div>
        <p className="what">{text.what}</p>
        {text.thing && <p>{text.thing}</p>}
        <p className="muted">{text.now}</p>
        {text.fields.length > 0 && (
          <table>
            <tbody>
              {text.fields.map((field) => (
                <tr key={field.field + field.message}>
                  <th scope="row">{field.field}</th>
                  <td>{field.message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {text.differences.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">{t('error.field')}</th>
                <th scope="col">{t('error.yours')}</th>
                <th scope="col">{t('error.current')}</th>
              </tr>
            </thead>
            <tbody>
              {text.differences.map((difference) => (
                <tr key={difference.field}>
                  <th scope="row">{difference.field}</th>
                  <td>{difference.sent}</td>
                  <td>{difference.current}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {text.stale && onReload && (
          <button type="button" className="button small" style={{ marginTop: 8 }} onClick={onReload}>
            {t('action.reload')}
          </button>
        )}
        {!text.stale && onRetry && (
          <button type="button" className="button small" style={{ marginTop: 8 }} onClick={onRetry}>
            {t('action.retry')}
          </button>
        )}
      </div>
      {onDismiss && (
        <button type="button" className="button quiet icon small" aria-label={t('action.close')} onClick={onDismiss}>
          <X size={16} aria-hidden />
        </button>
      )}
    </div>
  );
}
