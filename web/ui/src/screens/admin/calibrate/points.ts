/** The control points while they are clicked: each is in the picture, on the map, or on both. Pure. */
import type { ControlPointIn, LonLat } from '../../../api/types';
import type { Point } from '../../../picture';

export interface Draft {
  number: number;
  at: Point | null;
  place: LonLat | null;
  up_m: number;
}

export interface Complete extends Draft {
  at: Point;
  place: LonLat;
}

export const complete = (draft: Draft): draft is Complete => draft.at !== null && draft.place !== null;

/** The one that still lacks its counterpart. */
export const pending = (drafts: readonly Draft[]): Draft | undefined => drafts.find((each) => !complete(each));

const free = (drafts: readonly Draft[]): number => {
  let number = 1;
  while (drafts.some((each) => each.number === number)) number += 1;
  return number;
};

/** A click in the picture: the counterpart of a spot on the map, or a new point, or the waiting one put elsewhere. */
export function inPicture(drafts: readonly Draft[], at: Point): Draft[] {
  const waiting = pending(drafts);
  if (waiting) return drafts.map((each) => (each === waiting ? { ...each, at } : each));
  return [...drafts, { number: free(drafts), at, place: null, up_m: 0 }];
}

/** The same on the map. */
export function onMap(drafts: readonly Draft[], place: LonLat): Draft[] {
  const waiting = pending(drafts);
  if (waiting) return drafts.map((each) => (each === waiting ? { ...each, place } : each));
  return [...drafts, { number: free(drafts), at: null, place, up_m: 0 }];
}

const EDGE_PX = 24;

/** How far, in pixels right and down, a map has to go for a spot at `at` to lie well within its `width` and `height`. */
export function outside(at: Point, width: number, height: number): [number, number] {
  const beyond = (value: number, size: number) => (value < EDGE_PX ? value - EDGE_PX : value > size - EDGE_PX ? value - (size - EDGE_PX) : 0);
  return [beyond(at[0], width), beyond(at[1], height)];
}

export const changed = (drafts: readonly Draft[], number: number, change: Partial<Draft>): Draft[] =>
  drafts.map((each) => (each.number === number ? { ...each, ...change } : each));

export const without = (drafts: readonly Draft[], number: number): Draft[] => drafts.filter((each) => each.number !== number);

export const sent = (drafts: readonly Draft[]): ControlPointIn[] =>
  drafts.filter(complete).map(({ number, at, place, up_m }) => ({ number, x: at[0], y: at[1], lon: place[0], lat: place[1], up_m }));

/** Apart from each other and from the colours of the levels. */
const COLOURS = ['#2dd4bf', '#c084fc', '#f472b6', '#a3e635', '#67e8f9', '#d6b48a', '#b8c4d6', '#e0a3ff'];
export const colour = (number: number): string => COLOURS[(number - 1) % COLOURS.length] as string;
