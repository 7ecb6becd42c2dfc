import { useEffect, useRef, useState, type PointerEvent, type WheelEvent } from 'react';
import type { Camera, Timeline as Rows } from '../../api/types';
import { named } from '../../i18n';
import { clock, day } from '../../i18n/format';
import { pan, ticks, toMs, toX, zoom, type Window } from './axis';
import type { Playhead } from './playhead';
import { messages } from './text';

interface Props {
  rows: Rows | null;
  cameras: readonly Camera[];
  view: Window;
  onView: (view: Window) => void;
  playhead: Playhead;
  onSeek: (atMs: number) => void;
  onEvent: (id: number) => void;
}

const ROW = 30;

/** One row per camera on one axis: what is recorded, what is held, what happened, and where we are. */
export function Timeline({ rows, cameras, view, onView, playhead, onSeek, onEvent }: Props) {
  const t = messages.use();
  const box = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; view: Window; moved: boolean } | null>(null);
  const [width, setWidth] = useState(800);

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 800));
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

  const xOf = (event: { clientX: number }) => event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
  const onWheel = (event: WheelEvent) => {
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      onView(pan(view, ((event.deltaX || event.deltaY) / width) * (view.toMs - view.fromMs)));
    } else {
      onView(zoom(view, toMs(view, xOf(event), width), event.deltaY > 0 ? 1.25 : 0.8));
    }
  };
  const onDown = (event: PointerEvent) => {
    drag.current = { x: event.clientX, view, moved: false };
    box.current?.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    const by = event.clientX - from.x;
    if (Math.abs(by) > 3) from.moved = true;
    if (from.moved) onView(pan(from.view, (-by / width) * (from.view.toMs - from.view.fromMs)));
  };
  const onUp = (event: PointerEvent) => {
    if (drag.current && !drag.current.moved) onSeek(toMs(view, xOf(event), width));
    drag.current = null;
  };

  const { stepMs, at } = ticks(view, width);
  return (
    <div className="rv-timeline">
      <div className="rv-names">
        {cameras.map((camera) => (
          <span key={camera.id} className="ellipsis" style={{ height: ROW, lineHeight: `${ROW}px` }}>
            {named(t.language, camera)}
          </span>
        ))}
      </div>
      <div
        ref={box}
        className="rv-axis"
        data-testid="timeline"
        style={{ height: Math.max(1, cameras.length) * ROW + 24 }}
        onWheel={onWheel}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        role="slider"
        aria-label={t('review.timeline')}
        aria-valuetext={clock(playhead.now())}
        aria-valuenow={Math.round(playhead.now() / 1000)}
        tabIndex={0}
      >
        <svg width={width} height={Math.max(1, cameras.length) * ROW + 24} aria-hidden>
          {at.map((tick) => {
            const x = toX(view, tick, width);
            const midnight = new Date(tick).getHours() === 0 && new Date(tick).getMinutes() === 0;
            return (
              <g key={tick}>
                <line className="tick" x1={x} x2={x} y1={0} y2={cameras.length * ROW} />
                <text x={x + 3} y={cameras.length * ROW + 16}>
                  {midnight ? day(tick) : stepMs >= 60_000 ? clock(tick).slice(0, 5) : clock(tick)}
                </text>
              </g>
            );
          })}
          {cameras.map((camera, index) => {
            const row = rows?.cameras.find((each) => each.camera_id === camera.id);
            return (
              <g key={camera.id} transform={`translate(0 ${index * ROW})`}>
                <rect className="gap" x={0} y={8} width={width} height={ROW - 16} />
                {row?.recorded.map((each) => (
                  <Bar key={each.start_at} className="recorded" view={view} width={width} from={each.start_at} to={each.end_at} />
                ))}
                {row?.held.map((each) => (
                  <Bar key={each.start_at} className="held" view={view} width={width} from={each.start_at} to={each.end_at} />
                ))}
                {row?.events.map((event) => {
                  const x = toX(view, Date.parse(event.at), width);
                  return x < -6 || x > width + 6 ? null : (
                    <circle
                      key={event.id}
                      className="mark"
                      data-priority={event.priority}
                      cx={x}
                      cy={ROW / 2}
                      r={5}
                      onPointerDown={(down) => down.stopPropagation()}
                      onClick={() => onEvent(event.id)}
                    >
                      <title>{`${clock(event.at)} ${t.language === 'en' ? event.why_en : event.why}`}</title>
                    </circle>
                  );
                })}
              </g>
            );
          })}
        </svg>
        <div ref={line} className="rv-line" />
      </div>
    </div>
  );
}

function Bar({ className, view, width, from, to }: { className: string; view: Window; width: number; from: string; to: string }) {
  const left = Math.max(0, toX(view, Date.parse(from), width));
  const right = Math.min(width, toX(view, Date.parse(to), width));
  if (right <= 0 || left >= width || right <= left) return null;
  return className === 'held' ? (
    <rect className="held" x={left} y={ROW - 7} width={right - left} height={3} />
  ) : (
    <rect className={className} x={left} y={8} width={right - left} height={ROW - 16} />
  );
}
