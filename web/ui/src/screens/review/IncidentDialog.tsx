import { useState } from 'react';
import { incidents as routes } from '../../api/endpoints';
import type { Alarm, Camera, Event, Incident } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../components/small';
import { showText } from '../../components/toasts';
import { useFeed, useRows } from '../../feed';
import { either, named, useText } from '../../i18n';
import { clock, day, moment } from '../../i18n/format';
import type { Marks } from './playhead';
import { messages } from './text';

interface Props {
  cameras: readonly Camera[];
  stretch: Marks;
  /** The event that is chosen: its alarm goes into the incident with it. */
  event: Event | null;
  onClose: () => void;
}

/** The address that opens the review at this stretch again. */
export function linkTo(cameras: readonly Camera[], atMs: number): string {
  const query = cameras.map((camera) => `camera=${camera.id}`).join('&');
  return `/review?${query}&at=${new Date(atMs).toISOString()}`;
}

const isFree = (alarm: Alarm) => ['raised', 'acked', 'shelved'].includes(alarm.state);

/** Writes a stretch of footage into an open incident's log, where everyone who works on it finds it. */
export function IncidentDialog({ cameras, stretch, event, onClose }: Props) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const open = useRows(feed.incidents).filter((incident) => incident.closed_at === null);
  const alarms = useRows(feed.alarms);
  const alarm = event ? alarms.find((each) => each.event_id === event.id && isFree(each)) : undefined;
  const [chosen, setChosen] = useState<number | null>(open[0]?.id ?? null);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const incident = open.find((each) => each.id === chosen);

  const add = async (target: Incident) => {
    setBusy(true);
    setProblem(null);
    try {
      const names = cameras.map((camera) => named(t.language, camera)).join(t.language === 'en' ? ', ' : '、');
      const text = t('incident.note', { names, day: day(stretch.fromMs), from: clock(stretch.fromMs), to: clock(stretch.toMs) });
      await routes.note(target.id, [note.trim(), text, `${location.origin}${linkTo(cameras, stretch.fromMs)}`].filter(Boolean).join('\n'));
      if (alarm) feed.takeDetail(await routes.link(target, alarm.id));
      showText(t('incident.done', { id: target.id }));
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={t('review.incident_long')}
      onClose={onClose}
      onSubmit={() => incident && void add(incident)}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={!incident || busy} data-testid="incident-add">
            {t('incident.add')}
          </button>
        </>
      }
    >
      {problem !== null && <ErrorNotice error={problem} thing={`#${chosen}`} onDismiss={() => setProblem(null)} />}
      {open.length === 0 ? (
        <Empty title={t('incident.none')}>{t('incident.none_hint')}</Empty>
      ) : (
        <>
          <fieldset className="rx-choice">
            <legend className="label">{t('incident.which')}</legend>
            {open.map((each) => (
              <label key={each.id} className="rv-check">
                <input type="radio" name="incident" checked={each.id === chosen} onChange={() => setChosen(each.id)} />
                <PriorityMark priority={each.priority} />
                <span className="ellipsis">
                  #{each.id} {either(t.language, each.title, each.title_en)}
                </span>
                <span className="muted">{moment(each.opened_at)}</span>
              </label>
            ))}
          </fieldset>
          <label className="field">
            <span className="label">{t('incident.words')}</span>
            <textarea className="input" rows={2} maxLength={500} value={note} onChange={(change) => setNote(change.target.value)} />
          </label>
          <p className="muted">
            {t('incident.what', { n: cameras.length, from: moment(stretch.fromMs), to: clock(stretch.toMs) })}
            {alarm && ` ${t('incident.alarm')}`}
          </p>
        </>
      )}
    </Dialog>
  );
}
