/** What the address asks the review screen to show: `?camera=3&camera=4`, `?at=<ISO time>`, `?lon=…&lat=…`. Pure. */
import type { LonLat } from '../../api/types';

export interface Link {
  cameras: number[];
  atMs: number | null;
  spot: LonLat | null;
}

export function readLink(search: string): Link {
  const params = new URLSearchParams(search);
  const number = (name: string) => {
    const text = params.get(name);
    const value = text === null || text === '' ? NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  };
  const atMs = Date.parse(params.get('at') ?? '');
  const lon = number('lon');
  const lat = number('lat');
  return {
    cameras: params.getAll('camera').map(Number).filter((id) => Number.isInteger(id) && id > 0),
    atMs: Number.isNaN(atMs) ? null : atMs,
    spot: lon !== null && lat !== null ? [lon, lat] : null,
  };
}
