import { serverNow } from '../../feed/clock';
import type { Camera, EventMarkIn, QueueEvent } from '../../api/types';
import { KeyHelp } from '../../keys';
import { ExportDialog } from './export/ExportDialog';
import { JobsTray } from './export/JobsTray';
import type { useJobs } from './export/useJobs';
import { HoldsList } from './hold/HoldsList';
import { LockDialog } from './hold/LockDialog';
import { IncidentDialog } from './IncidentDialog';
import type { Item } from './item';
import type { Playhead } from './playhead';
import { FalseDialog, NoteDialog } from './queue/FalseDialog';
import type { Said } from './queue/useActs';
import { stretchFor, type Selection } from './selection';

export type Open = 'export' | 'lock' | 'incident' | 'jobs' | 'holds' | 'keys' | 'false' | 'note' | null;

interface Props {
  open: Open;
  setOpen: (open: Open) => void;
  all: readonly Camera[];
  playing: readonly Camera[];
  selection: Selection;
  playhead: Playhead;
  item: Item | null;
  queued: QueueEvent | null;
  say: Said['say'];
  jobs: ReturnType<typeof useJobs>;
  mayChange: boolean;
  onShowHold: (hold: { camera_id: number; from_at: string; to_at: string }) => void;
  /** Locks changed: the timeline shows them. */
  onChanged: () => void;
}

/** The dialog that is open, if one is. */
export function Dialogs({ open, setOpen, all, playing, selection, playhead, item, queued, say, jobs, mayChange, onShowHold, onChanged }: Props) {
  const close = () => setOpen(null);
  const stretch = () => stretchFor(selection, playhead.now(), serverNow());
  const mark = queued?.mark ?? null;
  switch (open) {
    case 'export':
      return (
        <ExportDialog
          cameras={playing}
          stretch={stretch()}
          onClose={close}
          onStarted={() => {
            jobs.reload();
            setOpen('jobs');
          }}
        />
      );
    case 'lock':
      return <LockDialog cameras={playing} stretch={stretch()} onClose={close} onLocked={onChanged} />;
    case 'incident':
      return <IncidentDialog cameras={playing} stretch={stretch()} event={item?.event ?? null} onClose={close} />;
    case 'false':
      return queued && <FalseDialog note={mark?.note ?? ''} onClose={close} onSend={(reason, note) => say('false', reason, note, true)} />;
    case 'note':
      // The server names its reasons; a mark keeps the one it has.
      return queued && <NoteDialog note={mark?.note ?? ''} onClose={close} onSend={(note) => say(mark?.mark ?? null, (mark?.reason ?? null) as EventMarkIn['reason'], note, false)} />;
    case 'jobs':
      return <JobsTray jobs={jobs} cameras={all} onClose={close} />;
    case 'holds':
      return <HoldsList cameras={all} mayChange={mayChange} onClose={close} onShow={onShowHold} onChanged={onChanged} />;
    case 'keys':
      return <KeyHelp onClose={close} />;
    case null:
      return null;
  }
}
