import { useEffect, useState } from 'react';
import type { FalseReason } from '../../../api/types';
import { Dialog } from '../../../components/Dialog';
import { useText } from '../../../i18n';
import { messages } from '../find/text';

export const REASONS = ['light', 'weather', 'tree', 'animal', 'reflection', 'wrong_kind', 'allowed', 'other'] as const satisfies readonly FalseReason[];

/** Why an event was a false alarm: one key, or a choice with words. */
export function FalseDialog({ note: held, onClose, onSend }: { note: string; onClose: () => void; onSend: (reason: FalseReason, note: string) => void }) {
  const t = messages.use();
  const shared = useText();
  const [reason, setReason] = useState<FalseReason | null>(null);
  const [note, setNote] = useState(held);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey || event.altKey) return;
      const quick = REASONS[Number(event.key) - 1];
      if (!quick) return;
      event.preventDefault();
      onSend(quick, note);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [note, onSend]);
  return (
    <Dialog
      title={t('false.title')}
      onClose={onClose}
      onSubmit={() => reason && onSend(reason, note)}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={!reason} data-testid="false-send">
            {t('false.send')}
          </button>
        </>
      }
    >
      <fieldset className="rx-choice">
        {REASONS.map((each, i) => (
          <label key={each} className="rv-check">
            <input type="radio" name="reason" checked={reason === each} onChange={() => setReason(each)} />
            <kbd>{i + 1}</kbd>
            <span>{t(`reason.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span className="label">{t('false.note')}</span>
        <textarea className="input" rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      </label>
      <p className="muted">{t('false.hint')}</p>
    </Dialog>
  );
}

/** Words on an event, whatever its mark. */
export function NoteDialog({ note: held, onClose, onSend }: { note: string; onClose: () => void; onSend: (note: string) => void }) {
  const t = messages.use();
  const shared = useText();
  const [note, setNote] = useState(held);
  return (
    <Dialog
      title={t('note.title')}
      onClose={onClose}
      onSubmit={() => onSend(note)}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary">
            {t('note.send')}
          </button>
        </>
      }
    >
      <label className="field">
        <span className="label">{t('queue.note')}</span>
        <textarea className="input" rows={3} maxLength={500} data-autofocus value={note} onChange={(event) => setNote(event.target.value)} />
      </label>
    </Dialog>
  );
}
