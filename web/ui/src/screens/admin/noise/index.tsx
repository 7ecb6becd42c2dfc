import { ChevronDown, ChevronRight, VolumeX } from 'lucide-react';
import { Fragment, useEffect, useState } from 'react';
import { admin } from '../../../api/endpoints';
import type { Zone } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty } from '../../../components/small';
import { useFeed, useRows } from '../../../feed';
import { named, useText } from '../../../i18n';
import { noiseApi, type Noise } from '../../../zones/api';
import '../../../zones/zones.css';
import './noise.css';
import { Table } from '../parts';
import { Proposals } from './Proposals';
import { messages } from './text';
import { percent, trend } from './trend';

const key = (row: Noise) => `${row.camera_id}/${row.rule}/${row.zone_id ?? ''}`;

/** How often each camera's rules were wrong, the worst first, and what is proposed. */
export function NoiseTab() {
  const t = messages.use();
  const shared = useText();
  const cameras = useRows(useFeed().cameras);
  const [rows, setRows] = useState<Noise[] | null>(null);
  const [zones, setZones] = useState<Zone[]>([]);
  const [open, setOpen] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    try {
      const [noise, all] = await Promise.all([noiseApi.list(), admin.zones(null)]);
      setRows(noise);
      setZones(all);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => void load(), []);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void load()} onDismiss={() => setError(null)} />;
  if (rows?.length === 0)
    return (
      <Empty icon={<VolumeX size={28} aria-hidden />} title={t('noise.empty')}>
        {t('noise.empty_hint')}
      </Empty>
    );
  return (
    <div className="zn" data-testid="noise">
      <p className="muted zn-hint">{t('noise.hint')}</p>
      <Table heads={[null, t('noise.camera'), t('noise.rule'), t('noise.week'), t('noise.month'), t('noise.a_day'), t('noise.trend')]}>
        {(rows ?? []).map((row) => {
          const camera = cameras.find((each) => each.id === row.camera_id);
          const zone = zones.find((each) => each.id === row.zone_id);
          const shown = open === key(row);
          const name = `${camera ? named(t.language, camera) : row.camera_id} · ${shared(`alarm_kind.${row.rule}`)}`;
          return (
            <Fragment key={key(row)}>
              <tr data-testid="noise-row" data-false={row.month.false} data-decided={row.month.decided}>
                <td>
                  <button type="button" className="button quiet icon small" aria-expanded={shown} aria-label={`${t('noise.proposals')}: ${name}`} data-testid="noise-open" onClick={() => setOpen(shown ? null : key(row))}>
                    {shown ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
                  </button>
                </td>
                <td>{camera ? named(t.language, camera) : row.camera_id}</td>
                <td>
                  {shared(`alarm_kind.${row.rule}`)}
                  {zone && <span className="muted"> {named(t.language, zone)}</span>}
                </td>
                <td className="ad-number">
                  <Share rate={row.week} />
                </td>
                <td className="ad-number">
                  <Share rate={row.month} />
                </td>
                <td className="ad-number">{(row.month.false / 30).toFixed(row.month.false < 30 ? 2 : 1)}</td>
                <td>
                  <Trend row={row} />
                </td>
              </tr>
              {shown && (
                <tr>
                  <td colSpan={7}>
                    {camera ? <Proposals row={row} camera={camera} zone={zone ?? null} onChanged={() => void load()} /> : null}
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </Table>
    </div>
  );
}

/** `6 / 10 · 60 % (31–83 %)`: false of decided, and the range of the true share. */
function Share({ rate }: { rate: Noise['week'] }) {
  if (rate.share === null) return <span className="muted">–</span>;
  return (
    <>
      {rate.false} / {rate.decided} · <strong>{percent(rate.share)}</strong> <span className="muted">({Math.round(rate.low * 100)}–{percent(rate.high)})</span>
    </>
  );
}

/** Thirty days, a bar each: decided behind, false before it. */
function Trend({ row }: { row: Noise }) {
  const t = messages.use();
  const days = trend(row.days, new Date());
  const most = Math.max(1, ...days.map((day) => day.decided));
  return (
    <svg className="nz-trend" viewBox="0 0 120 24" role="img" aria-label={t('noise.trend_label', { n: row.month.false, m: row.month.decided })}>
      {days.map((day, i) => (
        <g key={i}>
          <title>{`${day.day}: ${day.false} / ${day.decided}`}</title>
          <rect className="nz-all" x={i * 4} width={3} y={24 - (day.decided / most) * 24} height={(day.decided / most) * 24} />
          <rect className="nz-false" x={i * 4} width={3} y={24 - (day.false / most) * 24} height={(day.false / most) * 24} />
        </g>
      ))}
    </svg>
  );
}
