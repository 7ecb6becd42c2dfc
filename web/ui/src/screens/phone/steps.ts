/** The steps of an assignment as the phone offers them. Pure. */
import type { Assignment, AssignmentState, Step } from '../../api/types';

const NEXT: Partial<Record<AssignmentState, Step>> = {
  dispatched: 'acknowledge',
  acknowledged: 'enroute',
  enroute: 'onscene',
  onscene: 'clear',
};

const AFTER: Record<Step, { state: AssignmentState; column: keyof Assignment }> = {
  acknowledge: { state: 'acknowledged', column: 'acknowledged_at' },
  enroute: { state: 'enroute', column: 'enroute_at' },
  onscene: { state: 'onscene', column: 'onscene_at' },
  clear: { state: 'cleared', column: 'cleared_at' },
  decline: { state: 'declined', column: 'declined_at' },
};

/** The one step the big button makes, or null when the assignment has ended. */
export function nextStep(assignment: Assignment): Step | null {
  return NEXT[assignment.state] ?? null;
}

/** The assignment as it will be once `step`, taken at `at`, has arrived. */
export function after(assignment: Assignment, step: Step, at: string): Assignment {
  const { state, column } = AFTER[step];
  return { ...assignment, state, [column]: at };
}

/** Whether `step` has been taken already, by this phone's earlier message or by the dispatcher. */
export function taken(assignment: Assignment, step: Step): boolean {
  return Boolean(assignment[AFTER[step].column]);
}
