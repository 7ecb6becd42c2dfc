import { useMemo } from 'react';
import type { Event, MotionBand } from '../../api/types';
import { either } from '../../i18n';
import { clock } from '../../i18n/format';
import { clusters, drawn, toX, type Span, type Window } from './axis';
import { bandPaths } from './band';
import type { TimelineCamera } from './rows';
import { messages } from './text';

export const ROW = 32;
const BAR = { y: 9, height: 13 };
const HELD = { y: 27, height: 4 };
/** Under the bar: footage kept longer because of an event or an incident. */
const KEPT = { y: 23, height: 3 };
/** Above the bar. */
const BAND_PX = 7;
const LEAST_GAP_PX = 2;

interface Props {
  row: TimelineCamera | undefined;
  motion: MotionBand | undefined;
  view: Window;
  width: number;
  onEvent: (event: Event) => void;
}

/** One camera on the axis: recorded, missing, of which kind, locked, and what happened. */
export function TimelineRow({ row, motion, view, width, onEvent }: Props) {
  const t = messages.use();
  const band = useMemo(() => motion && bandPaths(motion, view, width, BAND_PX), [motion, view, width]);
  if (!row) return <rect className="unknown" x={0} width={width} {...BAR} />;
  const bars = (spans: readonly Span[], className: string, box: { y: number; height: number }, least = 0.75) =>
    drawn(spans, view, width).map((each) => {
      const x = toX(view, each.fromMs, width);
      return <rect key={`${className}${each.fromMs}`} className={className} x={x} width={Math.max(least, toX(view, each.toMs, width) - x)} {...box} />;
    });
  return (
    <>
      <rect className="nothing" x={0} width={width} {...BAR} />
      {bars(row.recorded, 'recorded', BAR)}
      {bars(row.gaps, 'gap', BAR, LEAST_GAP_PX)}
      {(['event', 'incident'] as const).map((name) => (
        <g key={name}>{bars(row.classes.filter((each) => each.name === name), `kept-${name}`, KEPT, LEAST_GAP_PX)}</g>
      ))}
      {bars(row.held, 'held', HELD, LEAST_GAP_PX)}
      {band && (
        <g transform="translate(0 1)">
          <path className="watched" d={band.watched} />
          <path className="moved" d={band.moved} data-testid="motion-band" />
        </g>
      )}
      {clusters(row.events, view, width).map(({ atMs, first, all }) => (
        <g
          key={first.id}
          className="mark"
          data-priority={first.priority}
          transform={`translate(${toX(view, atMs, width)} ${BAR.y + BAR.height / 2})`}
          onPointerDown={(down) => down.stopPropagation()}
          onClick={() => onEvent(first)}
        >
          <title>
            {`${clock(first.at)} ${either(t.language, first.why, first.why_en)}${all.length > 1 ? ` ${t('review.more_events', { n: all.length - 1 })}` : ''}`}
          </title>
          <circle r={8} />
          <text y={3.5}>{first.priority}</text>
        </g>
      ))}
    </>
  );
}
