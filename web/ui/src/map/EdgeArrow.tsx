import { ArrowUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { LonLat } from '../api/types';
import { distance } from '../i18n/format';
import { useMap } from './context';
import { distance_m, edgePoint, type EdgePoint } from './geometry';

/** Points at what is selected but out of sight, with the distance from the middle. A click goes there. */
export function EdgeArrow({ to, label }: { to: LonLat; label: string }) {
  const { map } = useMap();
  const [edge, setEdge] = useState<(EdgePoint & { away_m: number }) | null>(null);
  const [lon, lat] = to;

  useEffect(() => {
    const look = () => {
      const { clientWidth, clientHeight } = map.getContainer();
      const { x, y } = map.project([lon, lat]);
      const found = edgePoint(x, y, clientWidth, clientHeight, 36);
      setEdge(found && { ...found, away_m: distance_m(map.getCenter().toArray() as LonLat, [lon, lat]) });
    };
    look();
    map.on('move', look);
    map.on('resize', look);
    return () => {
      map.off('move', look);
      map.off('resize', look);
    };
  }, [map, lon, lat]);

  if (!edge) return null;
  return (
    <button
      type="button"
      className="map-edge-arrow"
      style={{ left: edge.x, top: edge.y }}
      title={label}
      onClick={() => map.easeTo({ center: [lon, lat], duration: 140 })}
    >
      <ArrowUp size={15} aria-hidden style={{ transform: `rotate(${edge.turn_deg}deg)` }} />
      {distance(edge.away_m)}
      <span className="visually-hidden">{label}</span>
    </button>
  );
}
