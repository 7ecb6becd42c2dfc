import { ChevronRight, RotateCcw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { Assignment } from '../../../api/types';
import { Dialog } from '../../../components/Dialog';
import { isOpenAssignment } from '../../../feed/store';
import { useServerNow } from '../../../feed/clock';
import { useText } from '../../../i18n';
import { age, clock } from '../../../i18n/format';
import type { Actions } from '../actions';
import { nextStep, stateSince } from '../logText';
import { useConsoleText } from '../messages';
import { select } from '../state';

/** Steps the server still takes back this long after they were set. */
const UNDO_S = 60;

/** The crews on an incident: where they are with it, for how long, and what they say next by radio. */
export function UnitTasks({ assignments, actions, editable }: { assignments: readonly Assignment[]; actions: Actions; editable: boolean }) {
  const t = useConsoleText();
  const [recalling, setRecalling] = useState<Assignment | null>(null);
  const [showEnded, setShowEnded] = useState(false);
  const open = assignments.filter(isOpenAssignment);
  const ended = assignments.filter((row) => !isOpenAssignment(row));
  return (
    <section>
      <h3>{t('incident.units')}</h3>
      {assignments.length === 0 && (
        <p className="muted">
          {t('incident.no_units')}{editable && <>{' — '}{t('incident.no_units_hint')}</>}
        </p>
      )}
      {open.map((row) => (
        <Task key={row.id} assignment={row} actions={actions} editable={editable} onRecall={() => setRecalling(row)} />
      ))}
      {ended.length > 0 && (
        <button type="button" className="button quiet small" aria-expanded={showEnded} onClick={() => setShowEnded(!showEnded)}>
          {t('incident.ended', { n: ended.length })}
        </button>
      )}
      {showEnded && ended.map((row) => <Task key={row.id} assignment={row} actions={actions} editable={false} onRecall={() => undefined} />)}
      {recalling && (
        <Dialog
          title={t('incident.recall_title', { unit: recalling.unit_code })}
          onClose={() => setRecalling(null)}
          onSubmit={() => {
            void actions.recall(recalling);
            setRecalling(null);
          }}
          footer={
            <button type="submit" className="button primary" data-testid="recall-confirm">
              {t('incident.recall')}
            </button>
          }
        >
          <p>{t('incident.recall_text', { unit: recalling.unit_code, id: recalling.incident_id })}</p>
        </Dialog>
      )}
    </section>
  );
}

const STEPS = [
  ['dispatched', 'dispatched_at'],
  ['acknowledged', 'acknowledged_at'],
  ['enroute', 'enroute_at'],
  ['onscene', 'onscene_at'],
] as const;

function Task({ assignment, actions, editable, onRecall }: { assignment: Assignment; actions: Actions; editable: boolean; onRecall: () => void }) {
  const t = useConsoleText();
  const shared = useText();
  const now = useServerNow();
  const since = stateSince(assignment);
  const elapsed_s = (now - Date.parse(since)) / 1000;
  const next = nextStep(assignment);
  const silent = assignment.no_ack_at !== null && assignment.state === 'dispatched';
  const running = isOpenAssignment(assignment);
  return (
    <div className="task" data-testid="assignment-row" data-unit-id={assignment.unit_id} data-state={assignment.state}>
      <div className="line">
        <button type="button" className="link" onClick={() => select({ kind: 'unit', id: assignment.unit_id })}>
          <b>{assignment.unit_code}</b>
        </button>
        <span className="grow">
          {shared(`assignment_state.${assignment.state}`)} {running && <span className="muted">{age(elapsed_s)}</span>}
          {silent && <strong> · {t('incident.no_ack', { age: age((now - Date.parse(assignment.dispatched_at)) / 1000) })}</strong>}
          {assignment.decline_reason && <span className="muted"> · {assignment.decline_reason}</span>}
        </span>
        {editable && running && elapsed_s < UNDO_S && assignment.state !== 'dispatched' && (
          <button type="button" className="button quiet icon small" title={t('incident.undo')} aria-label={t('incident.undo')} onClick={() => void actions.undo(assignment)}>
            <Undo2 size={15} aria-hidden />
          </button>
        )}
        {editable && next && (
          <button type="button" className="button small" data-testid="advance" data-step={next} title={t('incident.by_voice', { step: shared(`step.${next}`) })} onClick={() => void actions.advance(assignment, next)}>
            {shared(`step.${next}`)}
            <ChevronRight size={14} aria-hidden />
          </button>
        )}
        {editable && running && (
          <button type="button" className="button quiet small" data-testid="recall" onClick={onRecall}>
            <RotateCcw size={14} aria-hidden />
            {t('incident.recall')}
          </button>
        )}
      </div>
      <ol className="steps">
        {STEPS.map(([state, column]) => {
          const at = assignment[column];
          return (
            <li key={state} data-done={at !== null || undefined}>
              {shared(`assignment_state.${state}`)}
              <time dateTime={at ?? undefined}>{at ? clock(at) : '–'}</time>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
