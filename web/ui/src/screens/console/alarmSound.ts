/** Hears newly raised alarms: one tone for the most urgent of a burst, none for those that were there before. */
import { useEffect } from 'react';
import type { Alarm, Priority } from '../../api/types';
import type { Collection } from '../../feed/collection';
import { play } from './tones';

/** Which of the changed alarms are raised for the first time, given those already heard; remembers them. */
export function newlyRaised(changed: readonly (Alarm | undefined)[], heard: Set<number>): Priority | null {
  let most: Priority | null = null;
  for (const alarm of changed) {
    if (!alarm) continue;
    if (alarm.state !== 'raised') {
      heard.delete(alarm.id); // shelved and raised again sounds again
    } else if (!heard.has(alarm.id)) {
      heard.add(alarm.id);
      if (most === null || alarm.priority < most) most = alarm.priority;
    }
  }
  return most;
}

export function useAlarmSound(alarms: Collection<Alarm>, live: boolean): void {
  useEffect(() => {
    const heard = new Set<number>();
    newlyRaised(alarms.all(), heard);
    if (!live) return;
    return alarms.subscribe((ids) => {
      const most = newlyRaised(
        ids.map((id) => alarms.get(id)),
        heard,
      );
      if (most !== null) play(most);
    });
  }, [alarms, live]);
}
