import { MomentField } from '../../components/MomentField';
import { duration } from '../../i18n/format';
import type { Marks } from './playhead';
import { messages } from './text';

/** From when to when, to the second, with what lies between in words. */
export function StretchFields({ range, onRange }: { range: Marks; onRange: (range: Marks) => void }) {
  const t = messages.use();
  const field = (key: 'fromMs' | 'toMs') => (
    <MomentField label={t(key === 'fromMs' ? 'review.from' : 'review.to')} ms={range[key]} wrong={range.toMs <= range.fromMs} onMs={(ms) => onRange({ ...range, [key]: ms })} />
  );
  return (
    <div className="rx-range">
      {field('fromMs')}
      {field('toMs')}
      <span className="muted">{range.toMs > range.fromMs ? duration((range.toMs - range.fromMs) / 1000, t.language) : t('export.need_time')}</span>
    </div>
  );
}
