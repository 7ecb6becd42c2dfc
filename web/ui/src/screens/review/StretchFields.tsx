import { duration } from '../../i18n/format';
import { toField } from './Filters';
import type { Marks } from './playhead';
import { messages } from './text';

/** From when to when, to the second, with what lies between in words. */
export function StretchFields({ range, onRange }: { range: Marks; onRange: (range: Marks) => void }) {
  const t = messages.use();
  const field = (key: 'fromMs' | 'toMs') => (
    <label className="field">
      <span className="label">{t(key === 'fromMs' ? 'review.from' : 'review.to')}</span>
      <input
        className="input"
        type="datetime-local"
        step={1}
        required
        aria-invalid={range.toMs <= range.fromMs}
        value={toField(range[key])}
        onChange={(event) => {
          const ms = Date.parse(event.target.value);
          if (!Number.isNaN(ms)) onRange({ ...range, [key]: ms });
        }}
      />
    </label>
  );
  return (
    <div className="rx-range">
      {field('fromMs')}
      {field('toMs')}
      <span className="muted">{range.toMs > range.fromMs ? duration((range.toMs - range.fromMs) / 1000, t.language) : t('export.need_time')}</span>
    </div>
  );
}
