import { CalendarDays } from 'lucide-react';
import { useRef, useState } from 'react';
import { useText } from '../i18n';
import { day } from '../i18n/format';
import { momentText, readMoment } from '../i18n/momentText';

interface Props {
  label: string;
  ms: number;
  onMs: (ms: number) => void;
  /** What it is does not go with the rest of the form. */
  wrong?: boolean;
}

/** A moment to the second on the 24-hour clock: typed, or its day from the browser's calendar. A time alone keeps the day. */
export function MomentField({ label, ms, onMs, wrong = false }: Props) {
  const t = useText();
  /** What is being typed; null while nobody types. */
  const [typed, setTyped] = useState<string | null>(null);
  /** It was left unreadable: now it is said, not while it is being typed. */
  const [left, setLeft] = useState(false);
  const calendar = useRef<HTMLInputElement>(null);
  const unread = typed !== null && readMoment(typed, ms) === null;
  return (
    <div className="field">
      <label className="field">
        <span className="label">{label}</span>
        <span className="moment-field">
          <input
            className="input"
            type="text"
            autoComplete="off"
            spellCheck={false}
            aria-invalid={wrong || unread || undefined}
            title={t('moment.form')}
            value={typed ?? momentText(ms)}
            onFocus={(event) => event.target.select()}
            onChange={(event) => {
              setTyped(event.target.value);
              const read = readMoment(event.target.value, ms);
              if (read === null) return;
              setLeft(false);
              onMs(read);
            }}
            onBlur={() => (unread ? setLeft(true) : setTyped(null))}
          />
        </span>
      </label>
      <button type="button" className="button quiet icon small moment-pick" title={t('moment.day')} aria-label={`${label}: ${t('moment.day')}`} onClick={() => calendar.current?.showPicker()}>
        <CalendarDays size={16} aria-hidden />
      </button>
      <input
        ref={calendar}
        className="moment-day"
        type="date"
        tabIndex={-1}
        aria-hidden
        value={day(ms)}
        onChange={(event) => {
          const read = readMoment(`${event.target.value} ${momentText(ms).slice(11)}`, ms);
          if (read === null) return;
          setTyped(null);
          onMs(read);
        }}
      />
      {unread && left && (
        <span className="problem" role="alert">
          {t('moment.form')}
        </span>
      )}
    </div>
  );
}
