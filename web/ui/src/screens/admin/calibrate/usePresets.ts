/** A turning camera's presets; null where it has none, or does not tell. */
import { useEffect, useState } from 'react';
import { ptz as ptzRoutes } from '../../../api/endpoints';
import type { Camera, Ptz } from '../../../api/types';

export function usePresets(camera: Camera): Ptz | null {
  const [found, setFound] = useState<Ptz | null>(null);
  useEffect(() => {
    let gone = false;
    if (camera.ptz) ptzRoutes.read(camera.id).then((told) => !gone && setFound(told), () => undefined);
    return () => {
      gone = true;
    };
  }, [camera.id, camera.ptz]);
  return found;
}
