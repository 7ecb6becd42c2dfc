/**
 * The map's symbols, drawn when first asked for. An image's name says what it is:
 * `unit|police|busy|2|fresh`, `heading`, `vehicle|taxi`, `camera|online|wedge`, `alarm|1|raised`, `incident|1`,
 * `sensor|water_level|over|fresh`, `pipe|water|valve`, `place|hospital`. Families: unit = rounded square with the
 * service's letter, camera = wedge, event = circle, incident = diamond, sensor = hexagon. Stale = hollow.
 */
import type { Map as GlMap } from 'maplibre-gl';
import type { Language } from '../api/types';
import type { Palette } from './palette';

const RATIO = 2;
const FACE = "'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', system-ui, sans-serif";

export const SERVICE_LETTER: Record<string, readonly [zh: string, en: string]> = {
  police: ['警', 'P'],
  fire: ['消', 'F'],
  ambulance: ['救', 'A'],
  municipal: ['市', 'M'],
};

const SENSOR_LETTER: Record<string, readonly [zh: string, en: string]> = {
  water_level: ['位', 'L'],
  rain: ['雨', 'R'],
  enterprise: ['排', 'E'],
};

type Pen = CanvasRenderingContext2D;

interface Look {
  palette: Palette;
  language: Language;
}

function letter(pen: Pen, text: string, x: number, y: number, size: number, color: string): void {
  pen.font = `700 ${size}px ${FACE}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'alphabetic';
  const box = pen.measureText(text);
  pen.fillStyle = color;
  pen.fillText(text, x, y + (box.actualBoundingBoxAscent - box.actualBoundingBoxDescent) / 2);
}

function shape(pen: Pen, fill: string | null, stroke: string, width: number): void {
  pen.lineJoin = 'round';
  pen.lineWidth = width;
  if (fill) {
    pen.fillStyle = fill;
    pen.fill();
  }
  pen.strokeStyle = stroke;
  pen.stroke();
}

function polygon(pen: Pen, points: readonly (readonly [number, number])[]): void {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function ngon(pen: Pen, x: number, y: number, radius: number, sides: number, turn = 0): void {
  polygon(
    pen,
    Array.from({ length: sides }, (_, i) => {
      const a = turn + (2 * Math.PI * i) / sides;
      return [x + radius * Math.sin(a), y - radius * Math.cos(a)] as const;
    }),
  );
}

type Draw = (pen: Pen, size: number, args: string[], look: Look) => void;

const pick = (pair: readonly [string, string] | undefined, language: Language) => pair?.[language === 'en' ? 1 : 0] ?? '?';

/** args: service, free | busy | away, steps done 0..4, fresh | stale */
const unit: Draw = (pen, size, [service = '', status, steps = '0', age], { palette, language }) => {
  const c = size / 2;
  const half = 10.5;
  const away = status === 'away';
  const hollow = age === 'stale';
  const busy = status === 'busy';
  pen.beginPath();
  pen.roundRect(c - half, c - half, 2 * half, 2 * half, 5);
  const solid = !hollow && !busy && !away;
  if (hollow) pen.setLineDash([3, 2.4]);
  shape(pen, solid ? palette.unit : palette.panel, away ? palette.muted : solid ? palette.halo : palette.unit, solid ? 1.5 : 2);
  pen.setLineDash([]);
  letter(pen, pick(SERVICE_LETTER[service], language), c, busy ? c - 2 : c, busy ? 12 : 13, solid ? palette.unitInk : away ? palette.muted : palette.unit);
  if (busy) {
    // Four steps: dispatched, acknowledged, en route, on scene.
    for (let i = 0; i < 4; i += 1) {
      pen.beginPath();
      pen.rect(c - 7.5 + i * 4, c + 5.5, 3, 2.4);
      pen.fillStyle = i < Number(steps) ? palette.unit : palette.line;
      pen.fill();
    }
  }
  if (away) {
    pen.beginPath();
    pen.moveTo(c - half + 2, c + half - 2);
    pen.lineTo(c + half - 2, c - half + 2);
    pen.strokeStyle = palette.muted;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
};

const heading: Draw = (pen, size, _args, { palette }) => {
  const c = size / 2;
  polygon(pen, [
    [c, 1.5],
    [c + 5.5, 9.5],
    [c - 5.5, 9.5],
  ]);
  shape(pen, palette.unit, palette.halo, 1.2);
};

/** args: service, fresh | stale */
const vehicle: Draw = (pen, size, [, age], { palette }) => {
  const c = size / 2;
  polygon(pen, [
    [c, c - 6.5],
    [c + 4.4, c + 5],
    [c, c + 2.6],
    [c - 4.4, c + 5],
  ]);
  shape(pen, age === 'stale' ? null : palette.muted, age === 'stale' ? palette.muted : palette.halo, 1);
};

/** args: state family (online | trouble | off), wedge | dome */
const camera: Draw = (pen, size, [state, form], { palette }) => {
  const c = size / 2;
  const on = state === 'online';
  const ink = on ? palette.text : palette.muted;
  if (form === 'wedge') {
    polygon(pen, [
      [c, c],
      [c + 7.5, c - 12],
      [c - 7.5, c - 12],
    ]);
    shape(pen, on ? `${palette.text}55` : null, ink, 1.4);
  }
  pen.beginPath();
  pen.arc(c, c, 5.5, 0, 2 * Math.PI);
  shape(pen, palette.panel, ink, 1.8);
  pen.beginPath();
  if (state === 'trouble') {
    pen.moveTo(c - 2.4, c - 2.4);
    pen.lineTo(c + 2.4, c + 2.4);
    pen.moveTo(c + 2.4, c - 2.4);
    pen.lineTo(c - 2.4, c + 2.4);
    pen.strokeStyle = ink;
    pen.lineWidth = 1.6;
    pen.stroke();
  } else if (on) {
    pen.arc(c, c, 2.2, 0, 2 * Math.PI);
    pen.fillStyle = ink;
    pen.fill();
  }
};

/** args: priority, raised | handled */
const alarm: Draw = (pen, size, [priority = '4', state], { palette }) => {
  const c = size / 2;
  const level = palette.levels[Number(priority) - 1] ?? palette.levels[3];
  const raised = state === 'raised';
  if (raised) {
    pen.beginPath();
    pen.arc(c, c, 15, 0, 2 * Math.PI);
    pen.fillStyle = `${level}3a`;
    pen.fill();
  }
  pen.beginPath();
  pen.arc(c, c, 10, 0, 2 * Math.PI);
  shape(pen, raised ? level : palette.panel, raised ? palette.halo : level, raised ? 1.5 : 2.2);
  letter(pen, priority, c, c, 12, raised ? palette.levelInk : palette.text);
};

/** args: priority */
const incident: Draw = (pen, size, [priority = '4'], { palette }) => {
  const c = size / 2;
  const level = palette.levels[Number(priority) - 1] ?? palette.levels[3];
  ngon(pen, c, c, 15, 4);
  shape(pen, level, palette.halo, 2);
  letter(pen, `P${priority}`, c, c, 11.5, palette.levelInk);
};

/** args: kind, over | within, fresh | stale */
const sensor: Draw = (pen, size, [kind = '', over, age], { palette, language }) => {
  const c = size / 2;
  const hollow = age === 'stale';
  ngon(pen, c, c, 10.5, 6, Math.PI / 6);
  if (hollow) pen.setLineDash([3, 2.4]);
  shape(pen, over === 'over' ? palette.text : palette.panel, over === 'over' ? palette.halo : palette.muted, 1.6);
  pen.setLineDash([]);
  letter(pen, pick(SENSOR_LETTER[kind], language), c, c, 11, over === 'over' ? palette.ink : palette.text);
};

/** args: network, kind — the symbols of pipe drawings. */
const pipe: Draw = (pen, size, [network = 'water', kind], { palette, language }) => {
  const c = size / 2;
  const color = palette.pipes[network as keyof Palette['pipes']] ?? palette.muted;
  switch (kind) {
    case 'valve': // bow tie
      polygon(pen, [
        [c - 7, c - 4.5],
        [c + 7, c + 4.5],
        [c + 7, c - 4.5],
        [c - 7, c + 4.5],
      ]);
      return shape(pen, palette.panel, color, 1.5);
    case 'hydrant': // half-filled circle
      pen.beginPath();
      pen.arc(c, c, 6, 0, 2 * Math.PI);
      shape(pen, palette.panel, color, 1.5);
      pen.beginPath();
      pen.arc(c, c, 6, -Math.PI / 2, Math.PI / 2);
      pen.closePath();
      pen.fillStyle = color;
      return pen.fill();
    case 'pump': // circle with a triangle
      pen.beginPath();
      pen.arc(c, c, 7, 0, 2 * Math.PI);
      shape(pen, palette.panel, color, 1.5);
      polygon(pen, [
        [c - 3, c - 4.5],
        [c + 5, c],
        [c - 3, c + 4.5],
      ]);
      pen.fillStyle = color;
      return pen.fill();
    case 'source': // reservoir
      polygon(pen, [
        [c - 7.5, c - 5],
        [c + 7.5, c - 5],
        [c + 5, c + 5.5],
        [c - 5, c + 5.5],
      ]);
      return shape(pen, color, palette.halo, 1.2);
    case 'regulator': // square with the letter of pressure regulation
      pen.beginPath();
      pen.rect(c - 6.5, c - 6.5, 13, 13);
      shape(pen, palette.panel, color, 1.5);
      return letter(pen, language === 'en' ? 'R' : '调', c, c, 9, color);
    case 'substation':
      pen.beginPath();
      pen.rect(c - 7.5, c - 7.5, 15, 15);
      shape(pen, palette.panel, color, 1.6);
      polygon(pen, [
        [c + 1.5, c - 5.5],
        [c - 3.5, c + 1],
        [c - 0.3, c + 1],
        [c - 1.5, c + 5.5],
        [c + 3.5, c - 1],
        [c + 0.3, c - 1],
      ]);
      pen.fillStyle = color;
      return pen.fill();
    case 'manhole': // circle with a cross
      pen.beginPath();
      pen.arc(c, c, 5, 0, 2 * Math.PI);
      shape(pen, palette.panel, color, 1.3);
      pen.beginPath();
      pen.moveTo(c - 5, c);
      pen.lineTo(c + 5, c);
      pen.moveTo(c, c - 5);
      pen.lineTo(c, c + 5);
      pen.lineWidth = 1;
      return pen.stroke();
    case 'outfall': // arrow out
      polygon(pen, [
        [c - 6, c - 3],
        [c, c - 3],
        [c, c - 6.5],
        [c + 7, c],
        [c, c + 6.5],
        [c, c + 3],
        [c - 6, c + 3],
      ]);
      return shape(pen, palette.panel, color, 1.3);
    case 'customer':
      pen.beginPath();
      pen.rect(c - 3, c - 3, 6, 6);
      return shape(pen, palette.panel, color, 1.2);
    case 'pole':
      pen.beginPath();
      pen.arc(c, c, 2.6, 0, 2 * Math.PI);
      return shape(pen, palette.panel, color, 1.2);
    default:
      pen.beginPath();
      pen.arc(c, c, 2, 0, 2 * Math.PI);
      pen.fillStyle = color;
      return pen.fill();
  }
};

/** args: kind — grey: places are background. */
const place: Draw = (pen, size, [kind], { palette, language }) => {
  const c = size / 2;
  const marks: Record<string, readonly [string, string]> = {
    hospital: ['医', 'H'],
    police_station: ['警', 'P'],
    fire_station: ['消', 'F'],
    school: ['学', 'S'],
    government: ['政', 'G'],
  };
  const mark = marks[kind ?? ''];
  pen.beginPath();
  pen.arc(c, c, mark ? 7 : 2.4, 0, 2 * Math.PI);
  shape(pen, mark ? palette.panel : palette.muted, mark ? palette.muted : palette.halo, 1.1);
  if (mark) letter(pen, pick(mark, language), c, c, 9, palette.placeLabel);
};

const FAMILIES: Record<string, { size: number; draw: Draw }> = {
  unit: { size: 26, draw: unit },
  heading: { size: 46, draw: heading },
  vehicle: { size: 16, draw: vehicle },
  camera: { size: 30, draw: camera },
  alarm: { size: 34, draw: alarm },
  incident: { size: 36, draw: incident },
  sensor: { size: 26, draw: sensor },
  pipe: { size: 20, draw: pipe },
  place: { size: 18, draw: place },
};

/** A symbol as pixels, or null for a name of no family. */
export function drawSymbol(id: string, look: Look, ratio = RATIO): ImageData | null {
  const [family = '', ...args] = id.split('|');
  const known = FAMILIES[family];
  if (!known) return null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = known.size * ratio;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return null;
  pen.scale(ratio, ratio);
  known.draw(pen, known.size, args, look);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Draws what the map's layers ask for. `look` is read each time, so a new theme draws anew after a style change. */
export function installSymbols(map: GlMap, look: () => Look): void {
  map.setMissingStyleImageResolver((id) => {
    const image = drawSymbol(id, look());
    if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: RATIO });
  });
}

/** The same symbol as a data address, for the legend and lists. */
export function symbolUrl(id: string, look: Look): string {
  const image = drawSymbol(id, look);
  if (!image) return '';
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
