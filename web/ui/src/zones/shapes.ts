/** Zones as shapes in one camera's picture. Pure. */
import type { Zone } from '../api/types';
import type { Point, Shape } from '../picture';
import type { Ignored, Mask, Outline } from './api';

const line = (rule: string) => rule === 'line_crossing';

/** All that stored zones draw in this camera's picture; ids begin with the zone's. */
export function shapesOf(camera: number, zones: readonly Zone[], outlines: readonly Outline[], name: (zone: Zone) => string, look: Shape['look'] = 'other'): Shape[] {
  const shapes: Shape[] = [];
  const add = (zone: Zone, points: Point[], arrow: Point[] | null) => {
    const looks = zone.enabled ? look : ('muted' as const);
    const across = line(zone.rule) ? (zone.direction as Shape['across']) : undefined;
    if (points.length > 1) shapes.push({ id: `${zone.id}`, kind: line(zone.rule) ? 'line' : 'area', points, look: looks, label: name(zone), across });
    if (arrow) shapes.push({ id: `${zone.id}:second`, kind: zone.rule === 'water_level' ? 'gauge' : 'arrow', points: arrow, look: looks, ...(points.length > 1 ? {} : { label: name(zone) }) });
  };
  for (const zone of zones) {
    if (zone.camera_id === camera) add(zone, zone.points as Point[], zone.arrow as Point[] | null);
    else if (zone.camera_id === null) {
      const seen = outlines.find((row) => row.zone_id === zone.id && row.camera_id === camera);
      if (seen) add(zone, seen.points as Point[], seen.arrow as Point[] | null);
    }
  }
  return shapes;
}

export const ignoredShapes = (areas: readonly Ignored[]): Shape[] => areas.map((area) => ({ id: `ignored:${area.id}`, kind: 'area', points: area.points as Point[], look: 'mask' }));

export const maskShapes = (masks: readonly Mask[], but?: number): Shape[] =>
  masks.filter((mask) => mask.id !== but).map((mask) => ({ id: `mask:${mask.id}`, kind: 'area', points: mask.points as Point[], look: mask.enabled ? 'mask' : 'muted', label: mask.name }));
