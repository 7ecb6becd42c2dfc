/** What the audit log keeps as short names, in words. Pure. */

/** The two halves of what something was done to, as the log writes it: `camera:6`; a name alone is a kind without a number. */
export function subjectOf(subject: string): { kind: string; id: string } {
  const at = subject.indexOf(':');
  return at < 0 ? { kind: subject, id: '' } : { kind: subject.slice(0, at), id: subject.slice(at + 1) };
}
