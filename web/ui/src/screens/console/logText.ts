/** An incident's log entry as a sentence in the reader's language, made from its facts. Pure. */
import type { Assignment, LogEntry } from '../../api/types';
import type { CommonKey, Translator } from '../../i18n';
import { either } from '../../i18n';
import { age, distance } from '../../i18n/format';
import type { ConsoleKey } from './messages';

type Body = Record<string, unknown>;

const text = (body: Body, name: string): string => {
  const value = body[name];
  return value === null || value === undefined ? '' : String(value);
};

const number = (body: Body, name: string): number | null => (typeof body[name] === 'number' ? body[name] : null);

export function logText(entry: Pick<LogEntry, 'kind' | 'body'>, t: Translator<ConsoleKey>, shared: Translator<CommonKey>): string {
  const body = entry.body;
  const unit = text(body, 'unit_code');
  const title = either(t.language, text(body, 'title'), text(body, 'title_en'));
  const ended = body['auto'] === true;
  switch (entry.kind) {
    case 'opened':
      return t('log.opened', { title });
    case 'alarm_linked': {
      const count = number(body, 'count') ?? 1;
      return body['auto'] === true && count > 1 ? t('log.alarm_again', { n: count, title }) : t('log.alarm_linked', { title });
    }
    case 'note':
      return t('log.note', { text: text(body, 'text') });
    case 'dispatched': {
      const eta = number(body, 'eta_s');
      const way = number(body, 'distance_m');
      return eta === null || way === null ? t('log.dispatched_no_eta', { unit }) : t('log.dispatched', { unit, eta: age(eta), distance: distance(way) });
    }
    case 'cleared':
      return t(ended ? 'log.cleared_auto' : 'log.cleared', { unit });
    case 'recalled':
      return t(ended ? 'log.recalled_auto' : 'log.recalled', { unit });
    case 'declined':
      return t('log.declined', { unit, reason: text(body, 'reason') || '–' });
    case 'acknowledged':
    case 'enroute':
    case 'onscene':
    case 'no_ack':
      return t(`log.${entry.kind}`, { unit });
    case 'undone':
      return t('log.undone', { unit, step: shared.maybe(`assignment_state.${text(body, 'step')}`) ?? shared.maybe(`step.${text(body, 'step')}`) ?? text(body, 'step') });
    case 'evidence_held': {
      const cameras = Array.isArray(body['cameras']) ? (body['cameras'] as { code?: string }[]) : [];
      return t('log.evidence_held', { cameras: cameras.map((camera) => camera.code ?? '?').join(', ') });
    }
    case 'edited':
      return t('log.edited', { changes: changesText((body['changes'] ?? {}) as Record<string, { from: unknown; to: unknown }>, t, shared) });
    case 'state':
      return t('log.state', { state: shared.maybe(`incident_state.${text(body, 'state')}`) ?? text(body, 'state') });
    case 'closed':
      return t('log.closed', { outcome: t.maybe(`close.${text(body, 'outcome')}`) ?? text(body, 'outcome'), note: text(body, 'note') }).trim();
    case 'reopened':
      return t('log.reopened');
    default:
      return t('log.unknown', { kind: entry.kind });
  }
}

function changesText(changes: Record<string, { from: unknown; to: unknown }>, t: Translator<ConsoleKey>, shared: Translator<CommonKey>): string {
  const value = (field: string, raw: unknown): string => {
    if (raw === null || raw === undefined) return '–';
    if (field === 'priority') return `P${String(raw)}`;
    if (field === 'type') return shared.maybe(`incident_type.${String(raw)}`) ?? String(raw);
    if (field === 'state') return shared.maybe(`incident_state.${String(raw)}`) ?? String(raw);
    return String(raw);
  };
  // The other language's text changes along with the one that is read; once is enough.
  const doubled = t.language === 'en' ? ['place'] : ['place_en', 'title_en'];
  return Object.entries(changes)
    .filter(([field]) => !doubled.includes(field))
    .map(([field, change]) => t('log.change', { field: t.maybe(`field.${field}`) ?? field, from: value(field, change.from), to: value(field, change.to) }))
    .join('; ');
}

/** When an assignment came into the state it is in. */
export function stateSince(assignment: Assignment): string {
  return (
    assignment.cleared_at ??
    assignment.declined_at ??
    assignment.recalled_at ??
    assignment.onscene_at ??
    assignment.enroute_at ??
    assignment.acknowledged_at ??
    assignment.dispatched_at
  );
}

/** The step a crew takes next; null when it is done. */
export function nextStep(assignment: Pick<Assignment, 'state'>): 'acknowledge' | 'enroute' | 'onscene' | 'clear' | null {
  switch (assignment.state) {
    case 'dispatched':
      return 'acknowledge';
    case 'acknowledged':
      return 'enroute';
    case 'enroute':
      return 'onscene';
    case 'onscene':
      return 'clear';
    default:
      return null;
  }
}
