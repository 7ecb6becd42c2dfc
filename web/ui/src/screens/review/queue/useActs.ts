/** What can be said of the queue's chosen event. */
import { showError, showText } from '../../../components/toasts';
import type { EventMarkIn, QueueEvent } from '../../../api/types';
import { messages } from '../find/text';
import type { QueueActs } from './QueueList';
import type { QueueState } from './useQueue';

interface Doing {
  queue: QueueState;
  /** The chosen one; null where none is. */
  queued: QueueEvent | null;
  next: () => void;
  open: (dialog: 'false' | 'note' | 'incident' | null) => void;
}

export interface Said extends QueueActs {
  /** `go`: on to the next one afterwards. */
  say: (mark: EventMarkIn['mark'], reason: EventMarkIn['reason'], note: string, go: boolean) => void;
}

export function useActs({ queue, queued, next, open }: Doing): Said {
  const t = messages.use();
  const say: Said['say'] = (mark, reason, note, go) => {
    open(null);
    if (!queued) return;
    queue.mark(queued, { mark, reason, note }).then((quicker) => {
      if (quicker !== null) showText(t('mark.conflict', { by: quicker }));
      else if (go) next();
    }, showError);
  };
  return {
    say,
    important: () => {
      if (!queued) return;
      const already = queued.mark?.mark === 'important';
      say(already ? null : 'important', null, queued.mark?.note ?? '', !already);
    },
    false: () => (queued?.mark?.mark === 'false' ? say(null, null, queued.mark.note, false) : open('false')),
    seen: () => {
      if (queued && !queued.seen) queue.see(queued);
      next();
    },
    unsee: () => queued?.seen && queue.see(queued, false),
    note: () => open('note'),
    incident: () => open('incident'),
  };
}
