import { useEffect, useRef, useState, type PointerEvent, type WheelEvent } from 'react';
import type { Camera, Event, Incident, MotionBand } from '../../api/types';
import { either, named, useText } from '../../i18n';
import { clock, clockMs, day, duration } from '../../i18n/format';
import { sentence } from '../../said';
import { pan, span, ticks, toMs, toX, zoom, type Window } from './axis';
import type { Playhead } from './playhead';
import type { TimelineRows } from './rows';
import { between, stretchOf, type Selection } from './selection';
import { messages } from './text';
import { ROW, TimelineRow } from './TimelineRow';

interface Props {
  rows: TimelineRows | null;
  motion: ReadonlyMap<number, MotionBand>;
  cameras: readonly Camera[];
  incidents: readonly Incident[];
  view: Window;
  onView: (view: Window) => void;
  playhead: Playhead;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  onSeek: (atMs: number) => void;
  onEvent: (event: Event) => void;
}

interface Drag {
  x: number;
  view: Window;
  moved: boolean;
  /** On the ruler the axis is moved; on the rows a stretch is chosen. */
  ruler: boolean;
}

const RULER = 26;
const MOVED_PX = 4;

/** One row per camera on one axis: what is recorded and why not, what is locked, what happened, and where we are. */
export function Timeline(props: Props) {
  const { rows, motion, cameras, incidents, view, onView, playhead, selection, onSelection, onSeek, onEvent } = props;
  const t = messages.use();
  const box = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const [width, setWidth] = useState(800);
  const [hover, setHover] = useState<{ x: number; index: number } | null>(null);
  const height = Math.max(1, cameras.length) * ROW;

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(1, entry?.contentRect.width ?? 800)));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    let frame = 0;
    const draw = () => {
      const x = toX(view, playhead.now(), width);
      if (line.current) {
        line.current.style.transform = `translateX(${x}px)`;
        line.current.hidden = x < 0 || x > width;
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [view, width, playhead]);

  // React listens to wheels passively; the page behind must not scroll while the axis zooms.
  const wheel = useRef<(event: globalThis.WheelEvent) => void>(() => undefined);
  wheel.current = (event) => {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      onView(pan(view, ((event.deltaX || event.deltaY) / width) * span(view)));
    } else {
      onView(zoom(view, toMs(view, xOf(event), width), event.deltaY > 0 ? 1.25 : 0.8));
    }
  };
  useEffect(() => {
    const node = box.current;
    const onWheel = (event: globalThis.WheelEvent) => wheel.current(event);
    node?.addEventListener('wheel', onWheel, { passive: false });
    return () => node?.removeEventListener('wheel', onWheel);
  }, []);

  const xOf = (event: { clientX: number } | WheelEvent) => event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
  const yOf = (event: PointerEvent) => event.clientY - (box.current?.getBoundingClientRect().top ?? 0);
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    drag.current = { x: xOf(event), view, moved: false, ruler: yOf(event) >= height };
    box.current?.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    const x = xOf(event);
    const from = drag.current;
    setHover({ x, index: Math.floor(yOf(event) / ROW) });
    if (!from) return;
    if (Math.abs(x - from.x) > MOVED_PX) from.moved = true;
    if (!from.moved) return;
    if (from.ruler) onView(pan(from.view, (-(x - from.x) / width) * span(from.view)));
    else onSelection(between(toMs(view, from.x, width), toMs(view, Math.min(width, Math.max(0, x)), width)));
  };
  const onUp = (event: PointerEvent) => {
    if (drag.current && !drag.current.moved) onSeek(toMs(view, xOf(event), width));
    drag.current = null;
  };

  const { stepMs, at } = ticks(view, width);
  const chosen = stretchOf(selection);
  const label = (tick: number) => {
    const date = new Date(tick);
    if (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0) return day(tick).slice(5);
    return stepMs >= 60_000 ? clock(tick).slice(0, 5) : stepMs >= 1000 ? clock(tick) : clockMs(tick).slice(3, 10);
  };
  return (
    <div className="rv-timeline">
      <ul className="rv-names" style={{ paddingBottom: RULER }}>
        {cameras.map((camera, index) => (
          <li key={camera.id} style={{ height: ROW }}>
            {cameras.length > 1 && <kbd>{index + 1}</kbd>}
            <span className="ellipsis" title={named(t.language, camera)}>
              {named(t.language, camera)}
            </span>
            <Spoken camera={camera} rows={rows} />
          </li>
        ))}
      </ul>
      <div
        ref={box}
        className="rv-axis"
        data-testid="timeline"
        style={{ height: height + RULER }}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerLeave={() => setHover(null)}
        onPointerCancel={() => (drag.current = null)}
        role="slider"
        aria-label={t('review.timeline')}
        aria-valuemin={Math.round(view.fromMs / 1000)}
        aria-valuemax={Math.round(view.toMs / 1000)}
        aria-valuetext={clock(playhead.now())}
        aria-valuenow={Math.round(playhead.now() / 1000)}
        tabIndex={0}
      >
        <svg width={width} height={height + RULER} aria-hidden>
          <defs>
            <pattern id="rv-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect className="hatch-ground" width="6" height="6" />
              <rect className="hatch-line" width="2" height="6" />
            </pattern>
          </defs>
          <rect className="ruler" x={0} y={height} width={width} height={RULER} />
          {at.map((tick) => (
            <g key={tick}>
              <line className="tick" x1={toX(view, tick, width)} x2={toX(view, tick, width)} y1={0} y2={height + 5} />
              <text x={toX(view, tick, width) + 4} y={height + 17}>
                {label(tick)}
              </text>
            </g>
          ))}
          {cameras.map((camera, index) => (
            <g key={camera.id} transform={`translate(0 ${index * ROW})`}>
              <TimelineRow row={rows?.cameras.find((each) => each.camera_id === camera.id)} motion={motion.get(camera.id)} view={view} width={width} onEvent={onEvent} />
            </g>
          ))}
          {incidents.map((incident) => {
            const x = toX(view, Date.parse(incident.opened_at), width);
            return x < 0 || x > width ? null : (
              <g
                key={incident.id}
                className="incident"
                data-priority={incident.priority}
                transform={`translate(${x} ${height + 9})`}
                onPointerDown={(down) => down.stopPropagation()}
                onClick={() => onSeek(Date.parse(incident.opened_at))}
              >
                <title>{`${clock(incident.opened_at)} #${incident.id} ${either(t.language, incident.title, incident.title_en)}`}</title>
                <path d="M0 -9 L9 0 L0 9 L-9 0 Z" />
                <text y={3.5}>{incident.priority}</text>
              </g>
            );
          })}
          {chosen && (
            <rect
              className="chosen"
              data-testid="selection"
              x={toX(view, chosen.fromMs, width)}
              width={Math.max(1, toX(view, chosen.toMs, width) - toX(view, chosen.fromMs, width))}
              y={0}
              height={height}
            />
          )}
          {[selection.inMs, selection.outMs].map((edge, index) =>
            edge === null ? null : (
              <path key={index} className="edge" transform={`translate(${toX(view, edge, width)} 0)`} d={index === 0 ? `M6 1 H0 V${height} H6` : `M-6 1 H0 V${height} H-6`} />
            ),
          )}
        </svg>
        <div ref={line} className="rv-line" />
        {hover && hover.x >= 0 && hover.x <= width && <Tip {...props} x={hover.x} width={width} index={hover.index} />}
      </div>
    </div>
  );
}

function Tip({ rows, motion, cameras, view, x, width, index }: Props & { x: number; width: number; index: number }) {
  const t = messages.use();
  const shared = useText();
  const atMs = toMs(view, x, width);
  const camera = cameras[index];
  const row = rows?.cameras.find((each) => each.camera_id === camera?.id);
  const within = (each: { start_at: string; end_at: string }) => Date.parse(each.start_at) <= atMs && atMs < Date.parse(each.end_at);
  const gap = row?.gaps.find(within);
  const held = row?.held.some(within);
  const kept = row?.classes.filter(within).map((each) => each.name) ?? [];
  const band = camera && motion.get(camera.id);
  const level = band?.level[Math.floor((atMs - Date.parse(band.from_at)) / (band.step_s * 1000))];
  return (
    <div className="rv-tip" style={x > width / 2 ? { right: width - x + 10 } : { left: x + 10 }}>
      <time>{span(view) > 86_400_000 ? `${day(atMs)} ${clock(atMs)}` : span(view) < 30_000 ? clockMs(atMs) : clock(atMs)}</time>
      {camera && <span>{named(t.language, camera)}</span>}
      {row && (
        <span>
          {gap
            ? `${t('review.legend.gap')}: ${shared.maybe(`gap_reason.${gap.reason}`) ?? gap.reason} · ${duration((Date.parse(gap.end_at) - Date.parse(gap.start_at)) / 1000, t.language)}`
            : row.recorded.some(within)
              ? t('review.legend.recorded')
              : t('review.legend.gap')}
        </span>
      )}
      {gap?.detail && <span className="muted">{sentence(t.language, gap.detail, gap.why)}</span>}
      {held && <span>{t('review.legend.held')}</span>}
      {kept.map((name) => (
        <span key={name}>{t(`review.kept.${name}`)}</span>
      ))}
      {level !== undefined && <span className="muted">{level < 0 ? t('review.motion.unknown') : t('review.motion.level', { n: level })}</span>}
    </div>
  );
}

const SPOKEN_GAPS = 20;

/** The row for those who hear it. */
function Spoken({ camera, rows }: { camera: Camera; rows: TimelineRows | null }) {
  const t = messages.use();
  const shared = useText();
  const row = rows?.cameras.find((each) => each.camera_id === camera.id);
  if (!row) return null;
  return (
    <span className="visually-hidden">
      {t('review.spoken', { gaps: row.gaps.length, events: row.events.length })}
      {row.gaps.slice(0, SPOKEN_GAPS).map((gap) => (
        <span key={gap.start_at}>
          {` ${clock(gap.start_at)} – ${clock(gap.end_at)}: ${shared.maybe(`gap_reason.${gap.reason}`) ?? gap.reason}.`}
        </span>
      ))}
    </span>
  );
}
