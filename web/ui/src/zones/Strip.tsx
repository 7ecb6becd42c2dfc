/** A row of pictures of what happened, each with the box around what was seen. */
import { useState } from 'react';
import { recordings } from '../api/endpoints';
import { either, useLanguage } from '../i18n';
import { moment } from '../i18n/format';
import './zones.css';

export interface Seen {
  camera_id: number;
  at: string;
  box: readonly number[];
  why: string;
  why_en: string;
  snapshot_url?: string | null;
}

interface Props {
  seen: readonly Seen[];
  /** Opens the moment in the review. */
  link?: boolean;
  /** Drawn over every picture, normalised. */
  area?: readonly (readonly [number, number])[];
}

export function Strip({ seen, link = true, area }: Props) {
  return (
    <ol className="strip" data-testid="strip">
      {seen.map((each) => (
        <Frame key={`${each.camera_id}@${each.at}@${each.box.join()}`} seen={each} link={link} area={area} />
      ))}
    </ol>
  );
}

function Frame({ seen, link, area }: { seen: Seen; link: boolean; area?: Props['area'] }) {
  const language = useLanguage();
  const urls = [seen.snapshot_url, recordings.frameUrl(seen.camera_id, seen.at)].filter((url): url is string => Boolean(url));
  const [tried, setTried] = useState(0);
  const url = urls[tried];
  const why = either(language, seen.why, seen.why_en);
  const [x = 0, y = 0, w = 0, h = 0] = seen.box;
  const picture = (
    <span className="strip-picture">
      {url && <img src={url} alt={why} loading="lazy" onError={() => setTried(tried + 1)} />}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden>
        {area && <polygon className="strip-area" points={area.map((corner) => corner.join()).join(' ')} />}
        <rect className="strip-box" x={x} y={y} width={w} height={h} />
      </svg>
    </span>
  );
  return (
    <li title={why}>
      {link ? (
        <a href={`/review?camera=${seen.camera_id}&at=${encodeURIComponent(seen.at)}`} target="_blank" rel="noreferrer">
          {picture}
        </a>
      ) : (
        picture
      )}
      <time dateTime={seen.at}>{moment(seen.at)}</time>
    </li>
  );
}
