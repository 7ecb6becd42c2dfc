import { search } from '../../../api/endpoints';
import { useFetched } from '../../../app/fetched';
import { messages as trackMessages } from '../../../track';
import { labelsShown, toggled } from './question';
import { messages } from './text';

interface Props {
  chosen: readonly string[];
  onChosen: (labels: string[]) => void;
  cameras: ReadonlySet<number>;
  time: { fromMs: number; toMs: number };
}

/** What detectors called the things that these cameras saw in the time; nothing where no detector looked. */
export function Labels({ chosen, onChosen, cameras, time }: Props) {
  const t = messages.use();
  const track = trackMessages.use();
  const ids = [...cameras].sort((a, b) => a - b);
  const [from, to] = [time.fromMs, time.toMs].map((ms) => new Date(ms).toISOString()) as [string, string];
  // Where they cannot be told, one finds without them.
  const { data } = useFetched(`${ids.join()} ${from} ${to}`, (_, signal) => search.labels(ids, from, to, signal));
  const shown = labelsShown(data ?? [], chosen);
  if (shown.length === 0) return null;
  return (
    <fieldset>
      <legend>{t('look.labels')}</legend>
      <div className="rv-row" data-testid="labels">
        {shown.map((label) => (
          <button key={label} type="button" className="button small" aria-pressed={chosen.includes(label)} data-testid={`label-${label}`} onClick={() => onChosen(toggled(chosen, label))}>
            {track.maybe(`label.${label}`) ?? label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
