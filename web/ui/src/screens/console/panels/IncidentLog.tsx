import { useMemo, useState, type RefObject } from 'react';
import type { Incident } from '../../../api/types';
import { useFeed, useRows } from '../../../feed';
import { useText } from '../../../i18n';
import { clock, moment } from '../../../i18n/format';
import { Key } from '../../../keys';
import type { Actions } from '../actions';
import { logText } from '../logText';
import { useConsoleText } from '../messages';
import { LogSeal } from './IncidentPanel';

/** Something heard this much later than it happened says so. */
const LATE_MS = 10_000;

interface Props {
  incident: Incident;
  intact: boolean;
  editable: boolean;
  actions: Actions;
  noteRef: RefObject<HTMLInputElement | null>;
}

/** What happened, newest first, and a line to add to it. */
export function IncidentLog({ incident, intact, editable, actions, noteRef }: Props) {
  const t = useConsoleText();
  const shared = useText();
  const feed = useFeed();
  const rows = useRows(feed.logs);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const own = useMemo(() => rows.filter((row) => row.incident_id === incident.id).sort((a, b) => b.seq - a.seq), [rows, incident.id]);

  const add = async () => {
    const note = text.trim();
    if (!note || busy) return;
    setBusy(true);
    if (await actions.note(incident, note)) setText('');
    setBusy(false);
  };

  return (
    <section>
      <h3>
        {t('incident.log')}
        <LogSeal intact={intact} />
      </h3>
      {editable && (
        <form
          className="note-form"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <input ref={noteRef} className="input" data-testid="note" maxLength={2000} placeholder={t('incident.note')} aria-label={t('incident.note')} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()} />
          <button type="submit" className="button" disabled={busy || !text.trim()}>
            {t('incident.note_add')} <Key name="n" />
          </button>
        </form>
      )}
      <ol className="log">
        {own.map((entry) => (
          <li key={entry.id} data-testid="log-entry" data-kind={entry.kind}>
            <time dateTime={entry.t_event} title={moment(entry.t_event)}>
              {clock(entry.t_event)}
            </time>
            <span className="grow">
              {logText(entry, t, shared)}
              {Date.parse(entry.t_recorded) - Date.parse(entry.t_event) > LATE_MS && (
                <span className="muted"> ({t('log.heard_late', { time: clock(entry.t_recorded) })})</span>
              )}
            </span>
            <span className="muted ellipsis log-actor">{entry.actor === 'system' ? t('log.system') : entry.actor}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
