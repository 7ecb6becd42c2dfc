/** What the wall shows now, and what of it is remembered for this person in this browser. */
import { createStore, remember, remembered, type Store } from '../../app/store';
import { fit, GRIDS, type Grid, type Slots } from './layout';
import { PERIODS_S, type Tour } from './tour';

export interface Saved {
  name: string;
  grid: Grid;
  slots: Slots;
}

export type Mode = 'manual' | 'follow' | 'tour';
export type TourOver = 'cameras' | 'saved';

export interface Kept {
  grid: Grid;
  slots: Slots;
  saved: readonly Saved[];
  listShown: boolean;
  every_s: number;
  tourOver: TourOver;
}

export interface WallState extends Kept {
  view: 'wall' | 'overview';
  mode: Mode;
  tour: Tour | null;
  /** The place in focus, from 0. */
  focus: number;
  /** The camera shown alone. */
  enlarged: number | null;
  help: boolean;
}

export type WallStore = Store<WallState> & {
  /** Changes what is remembered. */
  keep: (change: Partial<Kept>) => void;
};

/** True for what was once saved and still makes sense; a hand-edited or older memory is not trusted. */
function sound(saved: unknown): saved is Saved {
  if (typeof saved !== 'object' || saved === null) return false;
  const { name, grid, slots } = saved as Partial<Saved>;
  return typeof name === 'string' && GRIDS.includes(grid as Grid) && Array.isArray(slots) && slots.every((id) => id === null || Number.isInteger(id));
}

/** The remembered wall of a person; `fresh` where they never hung anything. */
export function readKept(stored: Partial<Kept>, narrow = false): Kept & { fresh: boolean } {
  const grid = GRIDS.includes(stored.grid as Grid) ? (stored.grid as Grid) : 4;
  const hung = sound({ name: '', grid, slots: stored.slots });
  return {
    grid,
    slots: fit(hung ? (stored.slots as Slots) : [], grid),
    saved: Array.isArray(stored.saved) ? stored.saved.filter(sound).map((saved) => ({ ...saved, slots: fit(saved.slots, saved.grid) })) : [],
    listShown: !narrow && (stored.listShown ?? true), // on a narrow screen it would lie over the pictures
    every_s: (PERIODS_S as readonly number[]).includes(stored.every_s ?? 0) ? (stored.every_s as number) : 20,
    tourOver: stored.tourOver === 'saved' ? 'saved' : 'cameras',
    fresh: !hung,
  };
}

/** One column of pictures instead of a wall; the same width as in wall.css. */
export const isNarrow = () => matchMedia('(max-width: 720px)').matches;

/** The store of one person's wall, and whether they see it for the first time. */
export function openWall(userId: number): { store: WallStore; fresh: boolean } {
  const key = `wanglou.wall.${userId}`;
  const { fresh, ...kept } = readKept(remembered<Partial<Kept>>(key, {}), isNarrow());
  const store = createStore<WallState>({ ...kept, view: 'wall', mode: 'manual', tour: null, focus: 0, enlarged: null, help: false });
  const keep = (change: Partial<Kept>) => {
    store.set(change);
    const { grid, slots, saved, listShown, every_s, tourOver } = store.get();
    remember(key, { grid, slots, saved, listShown, every_s, tourOver });
  };
  return { store: { ...store, keep }, fresh };
}

/** Saves under a name; the same name again replaces what it held. */
export function withSaved(saved: readonly Saved[], next: Saved): Saved[] {
  const at = saved.findIndex((each) => each.name === next.name);
  return at === -1 ? [...saved, next] : saved.map((each, i) => (i === at ? next : each));
}
