/** Finds what someone means by a few letters. Pure. */

const plain = (text: string): string => text.toLowerCase().normalize('NFKC').replace(/[\s\-_#·]/g, '');

/** True when every word of the query is in one of the texts; signs, spaces and width of letters do not count. */
export function matches(query: string, texts: readonly (string | null | undefined)[]): boolean {
  const all = texts.filter((text): text is string => Boolean(text)).map(plain);
  const words = query.split(/\s+/).map(plain).filter(Boolean);
  return words.length > 0 && words.every((word) => all.some((text) => text.includes(word)));
}
