import { useId } from 'react';
import { middle } from './geometry';
import { closed, problem, type Shape } from './shapes';
import { toBox, type Point, type Rect } from './view';

interface Props {
  shape: Shape;
  rect: Rect;
  /** It is the one being worked on. */
  active?: boolean;
  onPick?: (() => void) | undefined;
}

const joined = (points: readonly Point[]) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

/** A triangle with its tip there, pointing along (dx, dy). */
function tip([x, y]: Point, dx: number, dy: number, size = 13): string {
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  return joined([
    [x, y],
    [x - size * ux + size * 0.5 * uy, y - size * uy - size * 0.5 * ux],
    [x - size * ux - size * 0.5 * uy, y - size * uy + size * 0.5 * ux],
  ]);
}

/** One shape in an SVG that is laid over the box; strokes and letters keep their size at any zoom. */
export function ShapeMarks({ shape, rect, active, onPick }: Props) {
  const hatch = useId();
  const points = shape.points.map((point) => toBox(rect, point));
  const [a, b] = points;
  if (!a) return null;
  const wrong = problem(shape) === 'crosses';
  const names = `shape shape-${shape.look ?? 'own'} ${active ? 'shape-active' : ''} ${wrong ? 'shape-wrong' : ''} ${onPick ? 'shape-pick' : ''}`;
  const mask = shape.look === 'mask';
  const at = shape.kind === 'area' ? middle(points) : b ? middle([a, b]) : a;
  return (
    <g className={names} onClick={onPick} data-shape={shape.id}>
      {mask && (
        <pattern id={hatch} width={10} height={10} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width={10} height={10} className="shape-hatch-ground" />
          <rect width={4} height={10} className="shape-hatch-line" />
        </pattern>
      )}
      {shape.kind === 'area' ? (
        closed(shape) ? (
          <polygon className="shape-line" points={joined(points)} style={mask ? { fill: `url(#${hatch})` } : undefined} />
        ) : (
          <polyline className="shape-line shape-open" points={joined(points)} />
        )
      ) : shape.kind === 'points' ? null : (
        <>
          <polyline className="shape-under" points={joined(points)} />
          <polyline className="shape-line" points={joined(points)} />
        </>
      )}
      {shape.kind === 'arrow' && b && <polygon className="shape-tip" points={tip(b, b[0] - a[0], b[1] - a[1], 18)} />}
      {shape.kind === 'gauge' && b && <Ticks a={a} b={b} />}
      {shape.kind === 'line' && b && shape.across && <Across a={a} b={b} across={shape.across} />}
      {shape.label && !active && (
        <text className="shape-label" x={at[0]} y={at[1]} textAnchor="middle" dominantBaseline="middle">
          {shape.label}
        </text>
      )}
    </g>
  );
}

/** Ten marks from the gauge's bottom to its top. */
function Ticks({ a, b }: { a: Point; b: Point }) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [(-dy / length) * 7, (dx / length) * 7];
  return Array.from({ length: 11 }, (_, i) => {
    const [x, y] = [a[0] + (dx * i) / 10, a[1] + (dy * i) / 10];
    const wide = i % 5 === 0 ? 1 : 0.5;
    return <line key={i} className="shape-tick" x1={x - nx * wide} y1={y - ny * wide} x2={x + nx * wide} y2={y + ny * wide} />;
  });
}

/** Which way over the line counts: from its left, seen from the first end to the second, to its right. */
function Across({ a, b, across }: { a: Point; b: Point; across: NonNullable<Shape['across']> }) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy) || 1;
  const to: Point = [-dy / length, dx / length]; // the picture's y runs down: to the right-hand side
  const centre = middle([a, b]);
  const ways = across === 'both' ? [1, -1] : [across === 'left_to_right' ? 1 : -1];
  return ways.map((way) => {
    const end: Point = [centre[0] + to[0] * 30 * way, centre[1] + to[1] * 30 * way];
    return (
      <g key={way}>
        <line className="shape-across" x1={centre[0]} y1={centre[1]} x2={end[0]} y2={end[1]} />
        <polygon className="shape-tip" points={tip(end, to[0] * way, to[1] * way)} />
      </g>
    );
  });
}
