/** Whether sound is on, and which players have any. */
import { useCallback, useState } from 'react';

export interface Sound {
  on: boolean;
  setOn: (change: boolean | ((held: boolean) => boolean)) => void;
  audible: ReadonlySet<number>;
  onAudio: (cameraId: number, heard: boolean) => void;
}

export function useSound(): Sound {
  const [on, setOn] = useState(false);
  const [audible, setAudible] = useState<ReadonlySet<number>>(new Set());
  const onAudio = useCallback((id: number, heard: boolean) => {
    setAudible((held) => {
      if (held.has(id) === heard) return held;
      const next = new Set(held);
      if (heard) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  return { on, setOn, audible, onAudio };
}
