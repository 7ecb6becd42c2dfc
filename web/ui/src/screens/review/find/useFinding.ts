/** Looking for what is not events: which kind of search, its question, and what was found. */
import { useState } from 'react';
import { missing, NOTHING_ASKED, searchOf, type Mode, type Question } from './question';
import { useFinds, type Finds } from './useFinds';

export interface Finding {
  mode: Mode;
  setMode: (mode: Mode) => void;
  question: Question;
  setQuestion: (question: Question) => void;
  finds: Finds;
  /** What has still to be said. */
  lacking: ReturnType<typeof missing>;
  run: (time: { fromMs: number; toMs: number }, cameras: ReadonlySet<number>) => void;
}

export function useFinding(cameras: number): Finding {
  const [mode, setMode] = useState<Mode>('events');
  const [question, setQuestion] = useState<Question>(NOTHING_ASKED);
  const finds = useFinds();
  return {
    mode,
    setMode: (next) => {
      setMode(next);
      finds.clear();
    },
    question,
    setQuestion,
    finds,
    lacking: mode === 'events' ? null : missing(mode, question, cameras),
    run: (time, chosen) => {
      if (mode === 'events') return;
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const cameraIds = [...chosen];
      finds.run((before, order) => searchOf(mode, question, time, cameraIds, zone, before, order));
    },
  };
}
