/** Little pieces that stand in many places. */
import type { ReactNode } from 'react';
import type { Priority } from '../api/types';
import { age } from '../i18n/format';
import { useText } from '../i18n';
import { useServerNow } from '../feed/clock';

/** A level: its letter on its colour, its word for screen readers and as a tip. */
export function PriorityMark({ priority }: { priority: Priority }) {
  const t = useText();
  const word = t(`priority.${priority}`);
  return (
    <span className="level" data-priority={priority} title={word}>
      P{priority}
      <span className="visually-hidden"> {word}</span>
    </span>
  );
}

/** Time since `at` by the server's clock, as 2:14, counting. */
export function Age({ at, title }: { at: string; title?: string }) {
  const now = useServerNow();
  return (
    <time dateTime={at} title={title}>
      {age((now - Date.parse(at)) / 1000)}
    </time>
  );
}

/** What stands where nothing is yet: it teaches the next step. */
export function Empty({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      {icon}
      <strong>{title}</strong>
      {children && <span>{children}</span>}
    </div>
  );
}
