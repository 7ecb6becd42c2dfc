import type { LonLat, Priority, Unit } from '../../api/types';

interface Props {
  route: readonly LonLat[] | readonly [number, number][];
  scene: LonLat;
  unit: Unit;
  priority: Priority;
}

const WIDTH = 360;
const HEIGHT = 170;
const MARGIN = 26;

/** The way to the scene, drawn to scale and north up: a sketch that needs no tiles and no network. */
export function RouteMap({ route, scene, unit, priority }: Props) {
  if (route.length < 2) return null;
  const squeeze = Math.cos((scene[1] * Math.PI) / 180);
  const points = [...route, scene].map(([lon, lat]) => [lon * squeeze, -lat] as const);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = Math.min(
    (WIDTH - 2 * MARGIN) / (Math.max(...xs) - left || 1e-6),
    (HEIGHT - 2 * MARGIN) / (Math.max(...ys) - top || 1e-6),
  );
  const offsetX = (WIDTH - (Math.max(...xs) - left) * scale) / 2;
  const offsetY = (HEIGHT - (Math.max(...ys) - top) * scale) / 2;
  const place = ([x, y]: readonly [number, number]) => [offsetX + (x - left) * scale, offsetY + (y - top) * scale] as const;
  const drawn = points.map(place);
  const [startX, startY] = drawn[0] as readonly [number, number];
  const [endX, endY] = drawn[drawn.length - 1] as readonly [number, number];
  return (
    <svg className="phone-route" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={unit.code}>
      <polyline points={drawn.slice(0, -1).map((p) => p.join()).join(' ')} />
      <g transform={`translate(${startX} ${startY})`}>
        <rect x={-17} y={-10} width={34} height={20} rx={5} />
        <text y={4}>{unit.code}</text>
      </g>
      <path data-priority={priority} d={`M${endX} ${endY - 11}l11 11l-11 11l-11 -11z`} />
      <g className="north">
        <path d={`M${WIDTH - 18} 12l5 12h-10z`} />
        <text x={WIDTH - 18} y={36}>
          N
        </text>
      </g>
    </svg>
  );
}
