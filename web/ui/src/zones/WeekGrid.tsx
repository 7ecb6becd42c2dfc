import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { messages } from './text';
import { CELL_MIN, CELLS_A_DAY, cellsOf, clockOf, painted, PRESETS, presetOf, spansOf, stretchesOf, type Span } from './week';

interface Props {
  value: readonly Span[];
  onChange: (spans: Span[]) => void;
}

const WIDTH = 480;
const ROW = 22;
const LEFT = 40;
const TOP = 18;
const QUARTER = (WIDTH - LEFT) / CELLS_A_DAY;
/** Painting goes by half hours. */
const STEP = 2;

interface Cell {
  day: number;
  cell: number;
}

/** A week to paint: each row a day. */
export function WeekGrid({ value, onChange }: Props) {
  const t = messages.use();
  const svg = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: Cell; to: Cell; on: boolean } | null>(null);
  const [cursor, setCursor] = useState<Cell>({ day: 0, cell: 32 });
  const [focused, setFocused] = useState(false);
  const [refused, setRefused] = useState(false);
  const base = cellsOf(value);
  const cells = drag ? painted(base, drag.from, drag.to, drag.on) : base;
  const preset = presetOf(value);
  const put = (next: readonly boolean[]) => {
    // An empty schedule means always; to watch never is another switch.
    setRefused(!next.some(Boolean));
    if (next.some(Boolean)) onChange(spansOf(next));
  };
  const at = (event: PointerEvent): Cell => {
    const bounds = svg.current?.getBoundingClientRect();
    if (!bounds) return { day: 0, cell: 0 };
    const x = ((event.clientX - bounds.left) / bounds.width) * WIDTH - LEFT;
    const y = ((event.clientY - bounds.top) / bounds.height) * (TOP + 7 * ROW) - TOP;
    const half = Math.min(CELLS_A_DAY / STEP - 1, Math.max(0, Math.floor(x / (QUARTER * STEP))));
    return { day: Math.min(6, Math.max(0, Math.floor(y / ROW))), cell: half * STEP };
  };
  const upTo = ({ day, cell }: Cell): Cell => ({ day, cell: cell + STEP - 1 });
  const span = (a: Cell, b: Cell): { from: Cell; to: Cell } => (a.cell <= b.cell ? { from: a, to: upTo(b) } : { from: upTo(a), to: b });
  const onKey = (event: KeyboardEvent) => {
    const by = ({ ArrowLeft: [0, -STEP], ArrowRight: [0, STEP], ArrowUp: [-1, 0], ArrowDown: [1, 0] } as Record<string, [number, number]>)[event.key];
    if (by) setCursor({ day: (cursor.day + by[0] + 7) % 7, cell: (cursor.cell + by[1] + CELLS_A_DAY) % CELLS_A_DAY });
    else if (event.key === ' ' || event.key === 'Enter') put(painted(base, cursor, upTo(cursor), !base[cursor.day * CELLS_A_DAY + cursor.cell]));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const state = (cell: Cell) => t(base[cell.day * CELLS_A_DAY + cell.cell] ? 'zones.schedule_on' : 'zones.schedule_off');
  return (
    <div className="zn-week">
      <div className="zn-presets">
        {(Object.keys(PRESETS) as (keyof typeof PRESETS)[]).map((name) => (
          <button key={name} type="button" className="button small" aria-pressed={preset === name} onClick={() => put(cellsOf(PRESETS[name]))}>
            {t(`zones.preset_week.${name}`)}
          </button>
        ))}
      </div>
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDTH} ${TOP + 7 * ROW}`}
        tabIndex={0}
        role="application"
        aria-label={`${t('zones.schedule')}, ${t('zones.schedule_cell', { day: t(`zones.day.${cursor.day as 0}`), time: clockOf(cursor.cell * CELL_MIN), state: state(cursor) })}. ${t('zones.schedule_keys')}`}
        data-testid="week-grid"
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const cell = at(event);
          setCursor(cell);
          setDrag({ ...span(cell, cell), on: !base[cell.day * CELLS_A_DAY + cell.cell] });
        }}
        onPointerMove={(event) => {
          if (!drag) return;
          setDrag({ ...span(cursor, at(event)), on: drag.on });
        }}
        onPointerUp={() => {
          if (drag) put(cells);
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        {[0, 6, 12, 18, 24].map((hour) => (
          <g key={hour}>
            <text className="zn-week-hour" x={LEFT + hour * 4 * QUARTER} y={12} textAnchor={hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle'}>
              {hour}
            </text>
          </g>
        ))}
        {Array.from({ length: 7 }, (_, day) => (
          <g key={day}>
            <text className="zn-week-day" x={0} y={TOP + day * ROW + 15}>
              {t(`zones.day.${day as 0}`)}
            </text>
            <rect className="zn-week-row" x={LEFT} y={TOP + day * ROW + 2} width={WIDTH - LEFT} height={ROW - 4} rx={2} />
            {stretchesOf(cells, day).map(([from, to]) => (
              <rect key={from} className="zn-week-on" x={LEFT + (from / CELL_MIN) * QUARTER} y={TOP + day * ROW + 2} width={((to - from) / CELL_MIN) * QUARTER} height={ROW - 4} rx={2}>
                <title>{`${t(`zones.day.${day as 0}`)} ${clockOf(from)}–${to === 1440 ? '24:00' : clockOf(to)}`}</title>
              </rect>
            ))}
          </g>
        ))}
        {[6, 12, 18].map((hour) => (
          <line key={hour} className="zn-week-line" x1={LEFT + hour * 4 * QUARTER} x2={LEFT + hour * 4 * QUARTER} y1={TOP} y2={TOP + 7 * ROW} />
        ))}
        {focused && <rect className="zn-week-cursor" x={LEFT + cursor.cell * QUARTER} y={TOP + cursor.day * ROW + 1} width={QUARTER * STEP} height={ROW - 2} />}
      </svg>
      <p className="muted zn-hint" role={refused ? 'alert' : undefined}>
        {t(refused ? 'zones.schedule_never' : 'zones.schedule_keys')}
      </p>
    </div>
  );
}
