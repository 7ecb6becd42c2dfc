/** An error as three answers: what happened, to which thing, what now. Pure, so that it can be tested. */
import { ApiError } from '../api/client';
import type { CommonKey, Translator } from '../i18n';
import { sentence } from '../said';

export interface Difference {
  field: string;
  sent: string;
  current: string;
}

export interface ErrorText {
  what: string;
  /** What the server says, which names the thing; absent where it would repeat `what`. */
  thing: string | null;
  now: string;
  fields: { field: string; message: string }[];
  /** Only for a 409 with both values: the fields in which they differ. */
  differences: Difference[];
  stale: boolean;
}

const show = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** The fields someone sent that are not what the server has now; bookkeeping fields are left out. */
export function differences(
  sent: Record<string, unknown> | null | undefined,
  current: Record<string, unknown> | null | undefined,
): Difference[] {
  if (!sent || !current) return [];
  const asked = Object.keys(sent).filter((field) => field !== 'expected_version');
  if (asked.length === 0) {
    // A step without values, such as an acknowledgement: what there is now is all there is to compare.
    return Object.keys(current)
      .filter((field) => !['id', 'version'].includes(field) && current[field] !== null)
      .map((field) => ({ field, sent: show(null), current: show(current[field]) }));
  }
  return Object.keys(sent)
    .filter((field) => field !== 'expected_version' && field in current && show(sent[field]) !== show(current[field]))
    .map((field) => ({ field, sent: show(sent[field]), current: show(current[field]) }));
}

export function explain(error: unknown, t: Translator<CommonKey>, thing?: string): ErrorText {
  if (!(error instanceof ApiError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { what: t('error.title'), thing: message, now: t('error.other_hint'), fields: [], differences: [], stale: false };
  }
  const known = t.maybe(`error.${error.code}`);
  const said = error.status === 0 ? null : sentence(t.language, error.body.message, error.body.why);
  return {
    what: known ?? t('error.title'),
    thing: [thing, said].filter(Boolean).join(': ') || null,
    now: t.maybe(`error.${error.code}_hint`) ?? t('error.other_hint'),
    fields: (error.body.fields ?? []).map(({ field, message, why }) => ({ field, message: sentence(t.language, message, why) })),
    differences: differences(error.body.sent, error.body.current),
    stale: error.status === 409,
  };
}
