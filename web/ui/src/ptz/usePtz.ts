/** One camera's pan-tilt-zoom for as long as its control is shown. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ptz as routes } from '../api/endpoints';
import type { Ptz } from '../api/types';
import { serverNow } from '../feed/clock';
import { Drive, TIMEOUT_S } from './drive';
import { holdOf, mayMove, type Hold } from './hold';
import { keysVector, REST, together, type Vector } from './vector';

/** Whoever else takes or leaves the camera shows within this time. */
const LOOK_MS = 4000;

export interface PtzControlState {
  state: Ptz | null;
  hold: Hold | null;
  /** Of the last command or look; null when it went well. */
  error: unknown;
  /** What the pad wants; keys are held apart and both are added. */
  pad: (vector: Vector) => void;
  key: (key: string, down: boolean, fast: boolean) => void;
  letGo: () => void;
  take: () => void;
  release: () => void;
  goto: (token: string) => void;
  save: (name: string, token: string | null) => Promise<boolean>;
  remove: (token: string) => void;
}

export function usePtz(camera: number): PtzControlState {
  const [state, setState] = useState<Ptz | null>(null);
  const [error, setError] = useState<unknown>(null);
  const newest = useRef<Ptz | null>(null);
  const held = useRef(new Set<string>());
  const byKeys = useRef<Vector>(REST);
  const byPad = useRef<Vector>(REST);

  const put = useCallback((next: Ptz) => {
    // Answers of moves do not ask the device again: what is known of its presets stays.
    newest.current = { ...next, presets: next.presets ?? newest.current?.presets ?? null, abilities: next.abilities ?? newest.current?.abilities ?? null };
    setState(newest.current);
  }, []);
  const attempt = useCallback(
    async (step: () => Promise<Ptz | null>): Promise<boolean> => {
      try {
        const next = await step();
        if (next) put(next);
        setError(null);
        return true;
      } catch (problem) {
        setError(problem);
        return false;
      }
    },
    [put],
  );

  const drive = useMemo(
    () =>
      new Drive({
        move: async ({ pan, tilt, zoom }) => put(await routes.move(camera, { kind: 'continuous', pan, tilt, zoom, timeout_s: TIMEOUT_S })),
        stop: async () => {
          put(await routes.stop(camera));
          setError(null);
        },
        failed: (problem) => {
          held.current.clear();
          byKeys.current = REST;
          byPad.current = REST;
          setError(problem);
          void routes.read(camera).then(put, () => undefined);
        },
      }),
    [camera, put],
  );

  const letGo = useCallback(() => {
    held.current.clear();
    byKeys.current = REST;
    byPad.current = REST;
    drive.want(REST);
  }, [drive]);

  useEffect(() => {
    const look = () => void attempt(() => routes.read(camera));
    look();
    const timer = setInterval(() => document.visibilityState === 'visible' && look(), LOOK_MS);
    const hidden = () => document.visibilityState === 'hidden' && letGo();
    // Whatever takes the attention away lets the camera go: another window, a lost network, a closed page.
    window.addEventListener('blur', letGo);
    window.addEventListener('offline', letGo);
    window.addEventListener('pagehide', letGo);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      clearInterval(timer);
      window.removeEventListener('blur', letGo);
      window.removeEventListener('offline', letGo);
      window.removeEventListener('pagehide', letGo);
      document.removeEventListener('visibilitychange', hidden);
      drive.close();
      if (newest.current?.mine) void routes.release(camera).catch(() => undefined); // it ends by itself too
      newest.current = null;
    };
  }, [attempt, camera, drive, letGo]);

  const may = () => newest.current !== null && mayMove(holdOf(newest.current, serverNow()));
  const want = () => drive.want(together(byKeys.current, byPad.current));
  return {
    state,
    hold: state && holdOf(state, serverNow()),
    error,
    pad: (vector) => {
      byPad.current = may() ? vector : REST;
      want();
    },
    key: (key, down, fast) => {
      if (down && may()) held.current.add(key);
      else held.current.delete(key);
      byKeys.current = keysVector(held.current, fast);
      want();
    },
    letGo,
    take: () => void attempt(() => routes.take(camera)),
    release: () => {
      letGo();
      void attempt(() => routes.release(camera));
    },
    goto: (token) => void attempt(() => routes.goto(camera, token)),
    save: (name, token) =>
      attempt(async () => {
        await routes.savePreset(camera, name, token);
        return routes.read(camera);
      }),
    remove: (token) => void attempt(() => routes.removePreset(camera, token)),
  };
}
