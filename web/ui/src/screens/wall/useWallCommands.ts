/** The wall's keys. */
import { useRef } from 'react';
import type { Camera } from '../../api/types';
import { useCommands } from '../../keys';
import { DIGITS_MS, step, typed, type Direction } from './layout';
import type { Mode, WallState } from './state';
import { messages } from './text';

interface Wanted {
  /** As it is shown: the grid and focus in force. */
  state: WallState;
  focused: Camera | null;
  fixed: boolean;
  mayOpen: boolean;
  onFocus: (place: number) => void;
  onEnlarge: (camera: number | null) => void;
  onClear: () => void;
  onIncident: () => void;
  onMap: () => void;
  onReview: () => void;
  onSearch: () => void;
  onList: () => void;
  onView: () => void;
  onMode: (mode: Mode) => void;
  onTour: (step: 'hold' | 'go' | 1 | -1) => void;
  onHelp: () => void;
}

export function useWallCommands({ state, focused, fixed, mayOpen, ...on }: Wanted): void {
  const t = messages.use();
  const digits = useRef<{ number: number | null; at: number }>({ number: null, at: 0 });
  const wall = state.view === 'wall';
  const many = wall && state.enlarged === null;
  const touring = wall && state.mode === 'tour';
  const held = (state.tour?.heldUntil ?? 0) > Date.now();
  useCommands([
    { id: 'wall.help', keys: ['?'], group: 'general', label: t('key.help'), run: on.onHelp },
    { id: 'wall.search', keys: ['/'], group: 'general', label: t('key.search'), run: on.onSearch },
    { id: 'wall.list', keys: ['c'], group: 'general', label: t('key.list'), run: on.onList },
    { id: 'wall.view', keys: ['v'], group: 'general', label: t('key.overview'), run: on.onView },
    { id: 'wall.follow', keys: ['f'], group: 'general', label: t('key.follow'), run: () => on.onMode('follow'), enabled: wall },
    { id: 'wall.tour', keys: ['p'], group: 'general', label: t('key.tour'), run: () => on.onMode('tour'), enabled: wall },
    { id: 'wall.hold', keys: [' '], group: 'general', label: t('key.hold'), run: () => on.onTour(held ? 'go' : 'hold'), enabled: touring },
    { id: 'wall.turn', keys: ['[', ']'], group: 'general', label: t('key.turn'), run: (key) => on.onTour(key === ']' ? 1 : -1), enabled: touring },
    {
      id: 'wall.number',
      keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      shown: '1 – 16',
      group: 'video',
      label: t('key.number'),
      run: (key) => {
        const now = Date.now();
        const before = now - digits.current.at < DIGITS_MS ? digits.current.number : null;
        const number = typed(before, Number(key), state.grid);
        digits.current = { number, at: now };
        if (number !== null) on.onFocus(number - 1);
      },
      enabled: many,
    },
    {
      id: 'wall.move',
      keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'],
      shown: '← ↑ → ↓',
      group: 'video',
      label: t('key.move'),
      run: (key) => on.onFocus(step(state.grid, state.focus, key as Direction)),
      enabled: many,
    },
    { id: 'wall.enlarge', keys: ['Enter'], group: 'video', label: t('key.enlarge'), run: () => focused && on.onEnlarge(focused.id), enabled: many && focused !== null },
    { id: 'wall.back', keys: ['Escape'], group: 'video', label: t('key.back'), run: () => on.onEnlarge(null), enabled: state.enlarged !== null },
    { id: 'wall.incident', keys: ['o'], group: 'video', label: t('key.incident'), run: on.onIncident, enabled: mayOpen && focused !== null },
    { id: 'wall.map', keys: ['g'], group: 'video', label: t('key.map'), run: on.onMap, enabled: focused !== null },
    { id: 'wall.review', keys: ['r'], group: 'video', label: t('key.review'), run: on.onReview, enabled: focused !== null },
    { id: 'wall.clear', keys: ['x', 'Delete'], group: 'video', label: t('key.clear'), run: on.onClear, enabled: many && !fixed && focused !== null },
  ]);
}
