/** Rows by id, with a snapshot that is a new array only when something changed, and word of which rows did. */

export interface Row {
  id: number;
}

export type Listener = (changedIds: readonly number[]) => void;

/** True when `candidate` is older than what is held and must not replace it. */
export type IsOlder<T> = (candidate: T, held: T) => boolean;

export class Collection<T extends Row> {
  private rows = new Map<number, T>();
  private snapshot: readonly T[] = [];
  private dirty = false;
  private readonly listeners = new Set<Listener>();

  constructor(private readonly isOlder: IsOlder<T> = () => false) {}

  get(id: number): T | undefined {
    return this.rows.get(id);
  }

  /** All rows, in no promised order; the same array until a change. */
  all(): readonly T[] {
    if (this.dirty) {
      this.snapshot = [...this.rows.values()];
      this.dirty = false;
    }
    return this.snapshot;
  }

  get size(): number {
    return this.rows.size;
  }

  /** Adds or replaces by id; a row older than the one held is dropped. */
  upsert(rows: readonly T[]): void {
    const changed: number[] = [];
    for (const row of rows) {
      const held = this.rows.get(row.id);
      if (held && this.isOlder(row, held)) continue;
      this.rows.set(row.id, row);
      changed.push(row.id);
    }
    this.changed(changed);
  }

  /** Makes the rows exactly these, but keeps a newer one that came meanwhile. */
  replace(rows: readonly T[]): void {
    const next = new Map<number, T>();
    for (const row of rows) {
      const held = this.rows.get(row.id);
      next.set(row.id, held && this.isOlder(row, held) ? held : row);
    }
    const ids = new Set([...this.rows.keys(), ...next.keys()]);
    this.rows = next;
    this.changed([...ids]);
  }

  remove(ids: readonly number[]): void {
    this.changed(ids.filter((id) => this.rows.delete(id)));
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.dirty = true;
    for (const listener of this.listeners) listener(ids);
  }
}

/** For rows that carry a version. */
export const olderVersion = (candidate: { version: number }, held: { version: number }): boolean =>
  candidate.version < held.version;

/** For positions: an older fix never replaces a newer one. */
export const olderFix = (candidate: { at: string }, held: { at: string }): boolean =>
  Date.parse(candidate.at) < Date.parse(held.at);
