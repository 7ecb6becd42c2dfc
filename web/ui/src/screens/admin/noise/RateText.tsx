import type { Noise } from '../../../zones/api';
import { messages } from '../../../zones/text';

/** How many alarms of the last week were false, with the range that the true share lies in. */
export function RateText({ rows }: { rows: readonly Pick<Noise, 'week'>[] }) {
  const t = messages.use();
  const false_ = rows.reduce((sum, row) => sum + row.week.false, 0);
  const decided = rows.reduce((sum, row) => sum + row.week.decided, 0);
  const one = rows.length === 1 ? rows[0]?.week : undefined;
  if (decided === 0) return null;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const range = one ? `${percent(false_ / decided)}, ${Math.round(one.low * 100)}–${percent(one.high)}` : percent(false_ / decided);
  return (
    <p className="muted zn-rate" data-testid="zone-rate" data-false={false_} data-decided={decided}>
      {t('zones.noise_week', { n: false_, m: decided, p: range })}
    </p>
  );
}
