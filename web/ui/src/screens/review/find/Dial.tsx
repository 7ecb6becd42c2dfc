import { ArrowUp } from 'lucide-react';
import { HEADINGS } from './question';
import { messages } from './text';

/** North is up; the empty middle takes the direction back. */
const PLACES = [315, 0, 45, 270, null, 90, 225, 180, 135] as const;

/** Which way a thing goes: eight directions, or any. */
export function Dial({ value, onChange }: { value: number | null; onChange: (heading: number | null) => void }) {
  const t = messages.use();
  const word = (heading: number) => t(`heading.${heading as (typeof HEADINGS)[number]}`);
  return (
    <fieldset>
      <legend>
        {t('look.heading')} · {value === null ? t('heading.any') : word(value)}
      </legend>
      <div className="rv-dial">
        {PLACES.map((heading) =>
          heading === null ? (
            <button key="any" type="button" className="button small icon" aria-label={t('heading.any')} title={t('heading.any')} aria-pressed={value === null} onClick={() => onChange(null)}>
              ·
            </button>
          ) : (
            <button
              key={heading}
              type="button"
              className="button small icon"
              aria-label={word(heading)}
              title={word(heading)}
              aria-pressed={value === heading}
              data-testid={`heading-${heading}`}
              onClick={() => onChange(value === heading ? null : heading)}
            >
              <ArrowUp size={16} aria-hidden style={{ transform: `rotate(${heading}deg)` }} />
            </button>
          ),
        )}
      </div>
    </fieldset>
  );
}
