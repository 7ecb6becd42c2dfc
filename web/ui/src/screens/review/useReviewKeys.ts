/** The keys of the review screen; each has a button as well. */
import { useCommands } from '../../keys';
import type { Playhead } from './playhead';
import { messages as findMessages } from './find/text';
import type { QueueActs } from './queue/QueueList';
import type { FullTransport } from './useTransport';
import { messages } from './text';

interface Doing {
  act: FullTransport;
  playhead: Playhead;
  /** There is a camera to play. */
  some: boolean;
  found: boolean;
  mayChange: boolean;
  canLoop: boolean;
  hasSound: boolean;
  players: number;
  step: (by: 1 | -1) => void;
  mark: (which: 'in' | 'out') => void;
  clear: () => void;
  open: (dialog: 'export' | 'lock' | 'incident') => void;
  enlarge: (position: number) => void;
  zoom: (factor: number) => void;
  fit: () => void;
  /** Newest or best first; null where there is nothing to put in order. */
  reorder: (() => void) | null;
  /** Opens the queue, or leaves it. */
  toggleQueue: () => void;
  /** What can be said of the queue's chosen event; null where there is none. */
  queue: QueueActs | null;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

export function useReviewKeys(doing: Doing): void {
  const t = messages.use();
  const find = findMessages.use();
  const { act, some, found, queue } = doing;
  const said = (id: string, keys: string[], label: string, run: keyof QueueActs) => ({ id: `review.${id}`, keys, group: 'list' as const, label, run: () => queue?.[run](), enabled: queue !== null });
  const video = (id: string, keys: string[], label: string, run: () => void, enabled = some) => ({ id: `review.${id}`, keys, group: 'video' as const, label, run, enabled });
  useCommands([
    video('play', [' '], t('review.play_pause'), act.play),
    video('backward', ['b'], t('review.backward'), act.backward),
    video('back', ['ArrowLeft'], t('review.back'), () => act.jump(-5)),
    video('forward', ['ArrowRight'], t('review.forward'), () => act.jump(5)),
    video('back_minute', ['Shift+ArrowLeft'], t('review.back_minute'), () => act.jump(-60)),
    video('forward_minute', ['Shift+ArrowRight'], t('review.forward_minute'), () => act.jump(60)),
    video('frame_back', [','], t('review.frame_back'), () => act.frame(-1)),
    video('frame_forward', ['.'], t('review.frame_forward'), () => act.frame(1)),
    video('slower', ['-'], t('review.slower'), () => act.faster(-1)),
    video('faster', ['='], t('review.faster'), () => act.faster(1)),
    video('next_recording', ['n'], t('review.next_recording'), act.nextRecording),
    video('previous_recording', ['p'], t('review.previous_recording'), act.previousRecording),
    video('newest', ['End'], t('review.live_end'), act.newest),
    video('mark_in', ['['], t('review.mark_in'), () => doing.mark('in')),
    video('mark_out', [']'], t('review.mark_out'), () => doing.mark('out')),
    video('clear', ['Escape'], t('review.selection.clear'), doing.clear),
    video('loop', ['o'], t('review.loop'), act.toggleLoop, some && doing.canLoop),
    video('sound', ['m'], t('review.sound'), act.toggleSound, some && doing.hasSound),
    video('snapshot', ['s'], t('review.save_frame'), act.snapshot),
    { ...video('enlarge', DIGITS, t('review.enlarge_one'), () => undefined, doing.players > 1), shown: '1 – 9', run: (key) => doing.enlarge(Number(key)) },
    video('all_alike', ['0'], t('review.all_alike'), () => doing.enlarge(0), doing.players > 1),
    video('zoom_in', ['+'], t('review.zoom_in'), () => doing.zoom(0.5)),
    video('zoom_out', ['_'], t('review.zoom_out'), () => doing.zoom(2)),
    video('fit', ['f'], t('review.fit'), doing.fit),
    { id: 'review.next', keys: ['ArrowDown', 'j'], group: 'list', label: t('review.next'), run: () => doing.step(1), enabled: found },
    { id: 'review.previous', keys: ['ArrowUp', 'k'], group: 'list', label: t('review.previous'), run: () => doing.step(-1), enabled: found },
    { id: 'review.order', keys: ['d'], group: 'list', label: find('order.turn'), run: () => doing.reorder?.(), enabled: doing.reorder !== null },
    { id: 'review.queue', keys: ['q'], group: 'list', label: find('queue.open'), run: doing.toggleQueue },
    said('important', ['y'], find('queue.important'), 'important'),
    said('false', ['x'], find('queue.false'), 'false'),
    said('seen', ['v'], find('queue.seen'), 'seen'),
    said('unsee', ['u'], find('queue.unsee'), 'unsee'),
    said('note', ['t'], find('queue.note'), 'note'),
    { id: 'review.export', keys: ['e'], group: 'incident', label: t('review.export_long'), run: () => doing.open('export'), enabled: some && doing.mayChange },
    { id: 'review.lock', keys: ['l'], group: 'incident', label: t('review.lock_long'), run: () => doing.open('lock'), enabled: some && doing.mayChange },
    { id: 'review.incident', keys: ['i'], group: 'incident', label: t('review.incident_long'), run: () => doing.open('incident'), enabled: some },
    { id: 'review.help', keys: ['?'], group: 'general', label: t('review.keys'), run: act.help },
  ]);
}
