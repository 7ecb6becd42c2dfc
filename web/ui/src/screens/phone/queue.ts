/**
 * What was done while the network was away, in order, kept in this browser. Each action has its own key, so that the
 * server does it once however often it is sent, and the moment it happened.
 */
import { ApiError } from '../../api/client';
import type { Assignment, Step } from '../../api/types';
import { after, taken } from './steps';

export interface Action {
  key: string;
  assignmentId: number;
  step: Step;
  at: string;
  reason: string | null;
}

export interface Storage {
  getItem: (name: string) => string | null;
  setItem: (name: string, value: string) => void;
}

/** Sends one action; resolves with the row as the server has it now. */
export type Send = (assignment: Assignment, action: Action) => Promise<Assignment>;
/** Reads the assignment anew after someone else changed it; null when it is no longer this phone's. */
export type Refresh = (assignmentId: number) => Promise<Assignment | null>;

const NAME = 'wanglou.phone.queue';

export class ActionQueue {
  private actions: Action[];
  private readonly listeners = new Set<() => void>();
  private sending = false;

  constructor(private readonly storage: Storage) {
    this.actions = read(storage);
  }

  all = (): readonly Action[] => this.actions;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(action: Action): void {
    this.keep([...this.actions, action]);
  }

  /** Takes back the newest action that has not been sent; false when there is none. */
  takeBack(): boolean {
    if (this.sending || this.actions.length === 0) return false;
    this.keep(this.actions.slice(0, -1));
    return true;
  }

  /** The assignment as it will be once everything here has arrived. */
  applyTo(assignment: Assignment): Assignment {
    return this.actions
      .filter((action) => action.assignmentId === assignment.id && !taken(assignment, action.step))
      .reduce((row, action) => after(row, action.step, action.at), assignment);
  }

  /**
   * Sends in order until the queue is empty or the network is away. `assignment` is the newest row known. A step that
   * can no longer be taken (recalled, done by someone else) is dropped and handed to `onRefused`.
   */
  async flush(
    assignment: Assignment | null,
    send: Send,
    refresh: Refresh,
    onRefused: (action: Action, error: unknown) => void,
  ): Promise<Assignment | null> {
    if (this.sending) return assignment;
    this.sending = true;
    let current = assignment;
    try {
      while (this.actions.length > 0) {
        const action = this.actions[0] as Action;
        try {
          if (current?.id !== action.assignmentId) current = await refresh(action.assignmentId);
          if (current?.id !== action.assignmentId) {
            this.drop(action);
            onRefused(action, null);
            continue;
          }
          if (!taken(current, action.step)) current = await send(current, action);
          this.drop(action);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (error.status === 0 || error.status >= 500 || error.status === 401) return current; // kept, for later
          if (error.code === 'stale_version') {
            const before = current?.version;
            current = await refresh(action.assignmentId);
            if (current && current.version !== before) continue; // the same step against the newer row
          }
          this.drop(action);
          onRefused(action, error);
        }
      }
      return current;
    } finally {
      this.sending = false;
    }
  }

  private drop(action: Action): void {
    this.keep(this.actions.filter((other) => other.key !== action.key));
  }

  private keep(actions: Action[]): void {
    this.actions = actions;
    try {
      this.storage.setItem(NAME, JSON.stringify(actions));
    } catch {
      // A full or closed storage: the queue still lives as long as the page.
    }
    this.listeners.forEach((listener) => listener());
  }
}

function read(storage: Storage): Action[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(NAME) ?? '[]');
    return Array.isArray(found) ? (found as Action[]) : [];
  } catch {
    return [];
  }
}
