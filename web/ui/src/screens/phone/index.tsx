import { Camera as CameraIcon, CloudOff, LogOut, MapPin, Navigation, Undo2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { assignments, cameras as cameraRoutes, phone, things } from '../../api/endpoints';
import type { Assignment, Camera, MyAssignment, Step, Unit } from '../../api/types';
import { useSession } from '../../app/session';
import { useTitle } from '../../app/title';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Age, Empty, PriorityMark } from '../../components/small';
import { serverNow } from '../../feed/clock';
import { defineMessages, either, named, useText } from '../../i18n';
import { clock, distance } from '../../i18n/format';
import { LivePlayer } from '../../live/LivePlayer';
import en from './messages/en';
import zhCN from './messages/zh-CN';
import './phone.css';
import { ActionQueue, type Action } from './queue';
import { RouteMap } from './RouteMap';
import { nextStep } from './steps';
import { newAssignmentTone } from './tone';
import { useMine } from './useMine';

const messages = defineMessages({ 'zh-CN': zhCN, en });
const UNDO_FOR_MS = 60_000;
const DECLINE_REASONS = ['vehicle', 'busy', 'crew'] as const;

/** The responder's phone: one assignment fills the screen, one big button is the next step. */
export default function PhoneScreen() {
  useTitle('phone');
  const t = messages.use();
  const shared = useText();
  const { user, logout, chooseLanguage } = useSession();
  const { mine, online, error, refresh } = useMine();
  const queue = useMemo(() => new ActionQueue(localStorage), []);
  const waiting = useSyncExternalStore(queue.subscribe, queue.all);
  const [refused, setRefused] = useState<{ step: Step; error: unknown } | null>(null);
  const known = mine?.assignment ?? null;
  const assignment = known ? queue.applyTo(known) : null;
  useTone(known);

  const flush = async () => {
    await queue.flush(
      known,
      (row, action) => phone.advance(row, action.step, action.at, action.key, action.reason),
      async (id) => {
        const found = (await refresh())?.assignment ?? null;
        return found?.id === id ? found : null;
      },
      (action, problem) => setRefused({ step: action.step, error: problem }),
    );
    await refresh();
  };

  useEffect(() => {
    if (online && waiting.length > 0) void flush();
    // A refresh that brings a row, or the network coming back, is the moment to send.
  }, [online, known?.version]);

  const take = (step: Step, reason: string | null = null) => {
    if (!assignment) return;
    setRefused(null);
    const action: Action = {
      key: crypto.randomUUID(),
      assignmentId: assignment.id,
      step,
      at: new Date(serverNow()).toISOString(),
      reason,
    };
    queue.add(action);
    navigator.vibrate?.(30);
    void flush();
  };

  const undo = async () => {
    if (queue.takeBack() || !known) return;
    try {
      await assignments.undo(known);
    } catch (problem) {
      setRefused({ step: lastStep(known) ?? 'acknowledge', error: problem });
    }
    await refresh();
  };

  return (
    <main className="phone">
      <header className="phone-head">
        <div>
          <strong>{mine?.unit.code ?? user.display_name}</strong>
          {mine && <span className="muted"> {named(t.language, mine.unit)}</span>}
        </div>
        <div className="phone-tools">
          <button
            type="button"
            className="button quiet"
            lang={t.language === 'en' ? 'zh-CN' : 'en'}
            onClick={() => void chooseLanguage(t.language === 'en' ? 'zh-CN' : 'en')}
          >
            {shared(t.language === 'en' ? 'session.to_zh' : 'session.to_en')}
          </button>
          <button type="button" className="button quiet icon" aria-label={shared('session.logout')} onClick={() => void logout()}>
            <LogOut size={20} aria-hidden />
          </button>
        </div>
      </header>
      {!online && (
        <div className="phone-offline" role="status" data-testid="offline">
          <CloudOff size={20} aria-hidden />
          <div>
            <strong>{t('phone.offline')}</strong>
            <p>{t('phone.offline_hint')}</p>
          </div>
        </div>
      )}
      {waiting.length > 0 && (
        <ul className="phone-queue" aria-label={t('phone.queued', { n: waiting.length })}>
          {waiting.map((action) => (
            <li key={action.key}>
              <span>{shared(`step.${action.step}`)}</span>
              <time dateTime={action.at}>{clock(action.at)}</time>
            </li>
          ))}
          <li className="muted">{t('phone.queued', { n: waiting.length })}</li>
        </ul>
      )}
      {refused && (
        <div className="phone-pad">
          {refused.error ? (
            <ErrorNotice
              error={refused.error}
              thing={t('phone.refused', { step: shared(`step.${refused.step}`) })}
              onDismiss={() => setRefused(null)}
            />
          ) : (
            <p className="notice">{t('phone.refused', { step: shared(`step.${refused.step}`) })}</p>
          )}
        </div>
      )}
      {error !== null && !mine ? (
        <div className="phone-pad">
          {user.unit_id === null ? (
            <Empty title={t('phone.no_unit')}>{t('phone.no_unit_hint')}</Empty>
          ) : (
            <ErrorNotice error={error} onRetry={() => void refresh()} />
          )}
        </div>
      ) : mine && assignment && mine.incident && assignment.state !== 'recalled' ? (
        <Task mine={mine} assignment={assignment} onTake={take} onUndo={() => void undo()} />
      ) : mine ? (
        <Waiting unit={mine.unit} onChanged={() => void refresh()} />
      ) : (
        <p className="phone-pad muted">{shared('app.loading')}</p>
      )}
    </main>
  );
}

function lastStep(assignment: Assignment): Step | null {
  if (assignment.cleared_at) return 'clear';
  if (assignment.onscene_at) return 'onscene';
  if (assignment.enroute_at) return 'enroute';
  return assignment.acknowledged_at ? 'acknowledge' : null;
}

const STEP_TIMES = [
  ['acknowledge', 'acknowledged_at'],
  ['enroute', 'enroute_at'],
  ['onscene', 'onscene_at'],
  ['clear', 'cleared_at'],
] as const;

interface TaskProps {
  mine: MyAssignment;
  assignment: Assignment;
  onTake: (step: Step, reason?: string | null) => void;
  onUndo: () => void;
}

function Task({ mine, assignment, onTake, onUndo }: TaskProps) {
  const t = messages.use();
  const shared = useText();
  const [declining, setDeclining] = useState(false);
  const incident = mine.incident;
  const step = nextStep(assignment);
  if (!incident) return null;
  const last = lastStep(assignment);
  const lastAt = last && assignment[STEP_TIMES.find(([name]) => name === last)?.[1] ?? 'acknowledged_at'];
  const undoable = last && lastAt && serverNow() - Date.parse(lastAt) < UNDO_FOR_MS;
  return (
    <>
      <article className="phone-task" data-testid="phone-incident">
        <h1 data-priority={incident.priority}>
          <PriorityMark priority={incident.priority} />
          <span>{either(t.language, incident.title, incident.title_en)}</span>
        </h1>
        <p className="phone-meta muted">
          #{incident.id} · {shared(`incident_type.${incident.type}`)} · <Age at={incident.opened_at} />
        </p>
        <p className="phone-place">
          <MapPin size={20} aria-hidden />
          <span>{either(t.language, incident.place, incident.place_en)}</span>
        </p>
        {assignment.note && (
          <p className="phone-note">
            <span className="muted">{t('phone.note')}</span>
            {assignment.note}
          </p>
        )}
        {step !== null && step !== 'clear' && (
          <RouteMap route={mine.route} scene={[incident.lon, incident.lat]} unit={mine.unit} priority={incident.priority} />
        )}
        <div className="phone-way">
          {mine.distance_m !== null && mine.eta_s !== null && step !== 'clear' && (
            <strong>
              {t('phone.way', { distance: distance(mine.distance_m), minutes: Math.max(1, Math.round(mine.eta_s / 60)) })}
            </strong>
          )}
          <a className="button large" href={`geo:${incident.lat},${incident.lon}?q=${incident.lat},${incident.lon}`}>
            <Navigation size={20} aria-hidden />
            {t('phone.navigate')}
          </a>
        </div>
        {mine.alarm?.snapshot_url && (
          <figure>
            <img src={mine.alarm.snapshot_url} alt={t('phone.picture')} />
            <figcaption className="muted">{either(t.language, mine.alarm.title, mine.alarm.title_en)}</figcaption>
          </figure>
        )}
        <Cameras ids={mine.cameras.map((seeing) => seeing.camera_id)} />
        <section>
          <h2>{t('phone.steps')}</h2>
          <ol className="phone-steps">
            {STEP_TIMES.map(([name, column]) => (
              <li key={name} aria-current={name === step ? 'step' : undefined} data-done={Boolean(assignment[column])}>
                <span>{shared(`step.${name}`)}</span>
                {assignment[column] && <time dateTime={assignment[column]}>{clock(assignment[column])}</time>}
              </li>
            ))}
          </ol>
        </section>
        {assignment.state === 'dispatched' && (
          <button type="button" className="button large" onClick={() => setDeclining(true)}>
            {t('phone.decline')}
          </button>
        )}
      </article>
      <footer className="phone-foot">
        {undoable && (
          <button type="button" className="button large" data-testid="phone-undo" onClick={onUndo}>
            <Undo2 size={20} aria-hidden />
            {t('phone.undo', { step: shared(`step.${last}`) })}
          </button>
        )}
        {step ? (
          <button type="button" className="button primary phone-next" data-testid={`phone-${step}`} onClick={() => onTake(step)}>
            {t(`phone.do.${step as 'acknowledge'}`)}
          </button>
        ) : (
          <p className="phone-ended">{t('phone.done')}</p>
        )}
      </footer>
      {declining && <Decline onClose={() => setDeclining(false)} onSend={(reason) => onTake('decline', reason)} />}
    </>
  );
}

function Decline({ onClose, onSend }: { onClose: () => void; onSend: (reason: string) => void }) {
  const t = messages.use();
  const shared = useText();
  const [reason, setReason] = useState('');
  return (
    <Dialog
      title={t('phone.decline_title')}
      onClose={onClose}
      onSubmit={() => {
        onSend(reason.trim());
        onClose();
      }}
      footer={
        <>
          <button type="button" className="button large" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary large" disabled={reason.trim() === ''}>
            {t('phone.decline_send')}
          </button>
        </>
      }
    >
      <div className="phone-reasons">
        {DECLINE_REASONS.map((key) => (
          <button key={key} type="button" className="button large" onClick={() => setReason(t(`phone.reason.${key}`))}>
            {t(`phone.reason.${key}`)}
          </button>
        ))}
      </div>
      <label className="field">
        <span className="label">{t('phone.decline_reason')}</span>
        <input className="input" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Dialog>
  );
}

/** One camera at a time, and only when asked for: a phone's data are dear. */
function Cameras({ ids }: { ids: number[] }) {
  const t = messages.use();
  const [known, setKnown] = useState<Camera[]>([]);
  const [shown, setShown] = useState<number | null>(null);
  const key = ids.join();
  useEffect(() => {
    if (key === '') return;
    let gone = false;
    cameraRoutes.list().then(
      (list) => {
        if (!gone) setKnown(list);
      },
      () => undefined, // without the list there are no buttons; the assignment itself is what matters
    );
    return () => {
      gone = true;
    };
  }, [key]);
  const found = ids.flatMap((id) => known.find((camera) => camera.id === id) ?? []).slice(0, 3);
  const camera = found.find((candidate) => candidate.id === shown);
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{t('phone.cameras')}</h2>
      <div className="phone-cameras">
        {found.map((candidate) => (
          <button
            key={candidate.id}
            type="button"
            className="button large"
            aria-pressed={candidate.id === shown}
            onClick={() => setShown(candidate.id === shown ? null : candidate.id)}
          >
            <CameraIcon size={20} aria-hidden />
            {named(t.language, candidate)}
          </button>
        ))}
      </div>
      {camera && (
        <div className="phone-live">
          <LivePlayer camera={camera} />
        </div>
      )}
    </section>
  );
}

const DUTIES = ['available', 'unavailable', 'off'] as const;

function Waiting({ unit, onChanged }: { unit: Unit; onChanged: () => void }) {
  const t = messages.use();
  const [error, setError] = useState<unknown>(null);
  const choose = async (duty: Unit['duty']) => {
    setError(null);
    try {
      await things.setDuty(unit, duty);
    } catch (problem) {
      setError(problem);
    }
    onChanged();
  };
  return (
    <>
      <div className="phone-waiting" data-testid="phone-waiting">
        <Empty title={t('phone.waiting')}>{t('phone.waiting_hint')}</Empty>
        {error !== null && <ErrorNotice error={error} thing={unit.code} onReload={onChanged} />}
      </div>
      <footer className="phone-foot">
        <div className="phone-duty" role="group" aria-label={t('phone.duty')}>
          {DUTIES.map((duty) => (
            <button key={duty} type="button" className="button large" aria-pressed={unit.duty === duty} onClick={() => void choose(duty)}>
              {t(`phone.duty.${duty}`)}
            </button>
          ))}
        </div>
      </footer>
    </>
  );
}

/** One tone when an assignment arrives that has not been acknowledged. */
function useTone(assignment: Assignment | null): void {
  const heard = useRef<number | null>(null);
  useEffect(() => {
    if (!assignment || assignment.state !== 'dispatched' || heard.current === assignment.id) return;
    heard.current = assignment.id;
    newAssignmentTone();
    // Browsers refuse to vibrate before the first touch.
    if (navigator.userActivation.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
  }, [assignment]);
}
