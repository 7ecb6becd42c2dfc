/** Units and other vehicles: fixes once a second, drawn gliding between them as smoothly as the machine can. */
import { useEffect } from 'react';
import type { LonLat } from '../api/types';
import { serverNow } from '../feed/clock';
import { useFeed } from '../feed';
import { useMap, useOverlay, type MakeLayers } from './context';
import { collection, sideBySide, unitFeature, vehicleFeature } from './features';
import { Motion } from './motion';
import { FONT, FONT_BOLD } from './style';

const FIX_EVERY_MS = 1000;
const STEP_MS = { least: 66, most: 1000 };
const SLOW_FRAME_MS = 50;

const vehicleLayers: MakeLayers = (palette) => [
  {
    id: 'vehicles',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-rotate': ['get', 'course'],
      'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 12, 0.6, 14, 1],
      'text-field': ['get', 'label'],
      'text-font': FONT,
      'text-size': 10,
      'text-offset': [0, 1.1],
      'text-optional': true,
      'text-ignore-placement': true,
    },
    paint: { 'icon-opacity': 0.85, 'text-color': palette.muted, 'text-halo-color': palette.halo, 'text-halo-width': 1 },
  },
];

const unitLayers: MakeLayers = (palette) => [
  {
    id: 'units-panic',
    type: 'circle',
    filter: ['get', 'panic'],
    paint: { 'circle-radius': 19, 'circle-color': 'transparent', 'circle-stroke-color': palette.levels[0], 'circle-stroke-width': 3 },
  },
  {
    id: 'units-heading',
    type: 'symbol',
    filter: ['get', 'moving'],
    layout: {
      'icon-image': 'heading',
      'icon-rotate': ['get', 'course'],
      'icon-rotation-alignment': 'map',
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
    },
  },
  {
    id: 'units',
    type: 'symbol',
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-offset': ['get', 'shift'],
      'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.55, 14, 1],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'text-field': ['step', ['zoom'], '', 13, ['get', 'label']],
      'text-font': FONT_BOLD,
      'text-size': 11,
      'text-offset': ['get', 'labelShift'],
      'text-anchor': 'top',
      'text-optional': true,
      'text-allow-overlap': true,
      'text-ignore-placement': true,
    },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
  },
];

export function Movers({ showUnits, showVehicles }: { showUnits: boolean; showVehicles: boolean }) {
  const feed = useFeed();
  const { map, epoch } = useMap();
  const setVehicles = useOverlay('vehicles', vehicleLayers, { visible: showVehicles });
  const setUnits = useOverlay('units', unitLayers, { visible: showUnits });

  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const units = new Motion(still ? 0 : FIX_EVERY_MS);
    const vehicles = new Motion(still ? 0 : FIX_EVERY_MS);
    let step_ms = still ? STEP_MS.most : 100;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;

    const draw = () => {
      const now = performance.now();
      const server = serverNow();
      if (showUnits) {
        setUnits(
          collection(
            sideBySide(
              feed.units.all().flatMap((unit) => {
                const at = units.at(unit.id, now);
                return at ? [unitFeature(unit, at, server)] : [];
              }),
            ),
          ),
        );
      }
      if (showVehicles) {
        setVehicles(
          collection(
            feed.vehicles.all().flatMap((vehicle) => {
              const at = vehicle.unit_id === null ? vehicles.at(vehicle.id, now) : null;
              return at ? [vehicleFeature(vehicle, at, server)] : [];
            }),
          ),
        );
      }
    };

    // Draw, see how long the next frame takes to come, and ask less of a machine that is slow.
    const loop = () => {
      frame = requestAnimationFrame((started) => {
        draw();
        frame = requestAnimationFrame((next) => {
          const slow = next - started > SLOW_FRAME_MS;
          if (!still) step_ms = slow ? Math.min(STEP_MS.most, step_ms * 1.6) : Math.max(STEP_MS.least, step_ms * 0.95);
          const now = performance.now();
          const moving = units.moving(now) || vehicles.moving(now);
          timer = setTimeout(loop, moving ? step_ms : STEP_MS.most);
        });
      });
    };

    const take = () => {
      const now = performance.now();
      for (const unit of feed.units.all()) {
        if (unit.lon !== null && unit.lat !== null) units.moveTo(unit.id, [unit.lon, unit.lat] as LonLat, now);
      }
      for (const vehicle of feed.vehicles.all()) vehicles.moveTo(vehicle.id, [vehicle.lon, vehicle.lat], now);
    };
    take();
    const stops = [feed.units.subscribe(take), feed.vehicles.subscribe(take)];
    loop();
    return () => {
      stops.forEach((stop) => stop());
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [feed, map, epoch, setUnits, setVehicles, showUnits, showVehicles]);

  return null;
}
