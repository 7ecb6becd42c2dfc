import { useState } from 'react';
import type { TrackFacts } from '../api/types';
import { line, messages, thing } from './line';
import './track.css';

/** What is known of the thing an event is about: its best view, and one line. */
export function SeenThing({ track }: { track: TrackFacts }) {
  const t = messages.use();
  const [failed, setFailed] = useState<string | null>(null);
  const url = track.picture_url;
  return (
    <p className="seen-thing" data-testid="seen-thing">
      {url && failed !== url && (
        <a href={url} target="_blank" rel="noreferrer">
          <img src={url} alt={t('picture', { what: thing(t, track) })} loading="lazy" onError={() => setFailed(url)} />
        </a>
      )}
      <span>{line(t, track)}</span>
    </p>
  );
}
