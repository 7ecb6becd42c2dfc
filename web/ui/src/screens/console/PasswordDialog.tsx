import { useState } from 'react';
import { session } from '../../api/endpoints';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { showText } from '../../components/toasts';
import { useText } from '../../i18n';

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const differ = again !== '' && fresh !== again;

  const save = async () => {
    if (fresh !== again) return;
    setBusy(true);
    setError(null);
    try {
      await session.setPassword(old, fresh);
      showText(t('session.password_changed'));
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  const field = (label: string, value: string, set: (value: string) => void, fill: string, problem?: string) => (
    <label className="field">
      <span className="label">{label}</span>
      <input className="input" type="password" autoComplete={fill} required minLength={fill === 'new-password' ? 10 : 1} maxLength={200} value={value} aria-invalid={problem !== undefined} onChange={(event) => set(event.target.value)} />
      {problem && <span className="problem">{problem}</span>}
    </label>
  );

  return (
    <Dialog
      title={t('session.password')}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy || differ}>
            {t('action.save')}
          </button>
        </>
      }
    >
      {field(t('session.password_old'), old, setOld, 'current-password')}
      {field(t('session.password_new'), fresh, setFresh, 'new-password')}
      {field(t('session.password_again'), again, setAgain, 'new-password', differ ? t('session.password_differs') : undefined)}
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}
