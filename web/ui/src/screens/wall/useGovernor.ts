/** How much this machine can play at once, found out by watching how it goes. */
import { useEffect, useState, type RefObject } from 'react';
import { firstBudget, govern, type Governor } from './budget';

const EVERY_MS = 2000;

/** The budget in megapixels a second; it follows dropped pictures and long tasks of this page. */
export function useGovernor(stage: RefObject<HTMLElement | null>): number {
  const [governor, setGovernor] = useState<Governor>(() => firstBudget(navigator.hardwareConcurrency));
  useEffect(() => {
    let stuck_ms = 0;
    let settled = false; // the screen's own start is not the pictures' fault
    const observer =
      'PerformanceObserver' in window && PerformanceObserver.supportedEntryTypes?.includes('longtask')
        ? new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) stuck_ms = Math.max(stuck_ms, entry.duration);
          })
        : null;
    observer?.observe({ entryTypes: ['longtask'] });
    const counted = new WeakMap<HTMLVideoElement, { total: number; dropped: number }>();
    const timer = setInterval(() => {
      let decoded = 0;
      let dropped = 0;
      for (const video of stage.current?.querySelectorAll('video') ?? []) {
        const quality = video.getVideoPlaybackQuality?.();
        if (!quality) continue;
        const now = { total: quality.totalVideoFrames, dropped: quality.droppedVideoFrames };
        const before = counted.get(video);
        counted.set(video, now);
        // A player that began anew counts from zero again.
        if (!before || now.total < before.total) continue;
        dropped += Math.max(0, now.dropped - before.dropped);
        decoded += Math.max(0, now.total - before.total - (now.dropped - before.dropped));
      }
      const look = { decoded, dropped, stuck_ms };
      stuck_ms = 0;
      if (settled && document.visibilityState === 'visible') setGovernor((held) => govern(held, look));
      settled = true;
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      observer?.disconnect();
    };
  }, [stage]);
  return governor.budget_mpx_s;
}
