import { useState } from 'react';
import type { Series } from '../../../api/types';
import { useLanguage } from '../../../i18n';
import { clock, number } from '../../../i18n/format';

const W = 388;
const H = 120;
const PAD = { left: 44, right: 8, top: 10, bottom: 18 };

/** One quantity over time with its limit; the value under the pointer is written out. */
export function Sparkline({ series, limit }: { series: Series; limit: number | null }) {
  const language = useLanguage();
  const [at, setAt] = useState<number | null>(null);
  const times = series.at.map((text) => Date.parse(text));
  const values = series.value;
  const shown = limit === null ? values : [...values, limit];
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const span = high - low || Math.abs(high) || 1;
  const start = times[0] ?? 0;
  const end = times.at(-1) ?? 1;
  const x = (time: number) => PAD.left + ((time - start) / (end - start || 1)) * (W - PAD.left - PAD.right);
  const y = (value: number) => PAD.top + (1 - (value - low) / span) * (H - PAD.top - PAD.bottom);
  const line = values.map((value, i) => `${i ? 'L' : 'M'}${x(times[i] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const picked = at === null ? values.length - 1 : at;
  const value = values[picked];
  const time = times[picked];
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${W} ${H}`}
      role="img"
      aria-label={`${number(low, language)} – ${number(high, language)} ${series.unit}`}
      onPointerLeave={() => setAt(null)}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const wanted = start + (((event.clientX - box.left) / box.width) * W - PAD.left) / (W - PAD.left - PAD.right) * (end - start);
        setAt(times.reduce((best, candidate, i) => (Math.abs(candidate - wanted) < Math.abs((times[best] ?? 0) - wanted) ? i : best), 0));
      }}
    >
      {[low, high].map((edge) => (
        <g key={edge}>
          <line x1={PAD.left} x2={W - PAD.right} y1={y(edge)} y2={y(edge)} className="grid" />
          <text x={PAD.left - 6} y={y(edge) + 4} textAnchor="end">
            {number(edge, language)}
          </text>
        </g>
      ))}
      {limit !== null && <line x1={PAD.left} x2={W - PAD.right} y1={y(limit)} y2={y(limit)} className="limit" />}
      <path d={line} />
      {value !== undefined && time !== undefined && (
        <>
          <circle cx={x(time)} cy={y(value)} r={3.5} />
          <text x={Math.min(W - 70, Math.max(PAD.left + 60, x(time)))} y={H - 4} textAnchor="middle">
            {clock(time).slice(0, 5)} · {number(value, language)} {series.unit}
          </text>
        </>
      )}
    </svg>
  );
}
