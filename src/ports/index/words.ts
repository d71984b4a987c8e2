/** Texts as words, and the places that words and pieces of words have in a vector. */

/** Longer texts are taken by how they begin. */
export const MAX_CHARS = 8_000;

/** The same as below, where there are only letters without accents: most texts, and three times as fast. */
const PLAIN = /^[\0-\x7f]*$/;
const PLAIN_WORD = /[A-Z]+[a-z0-9]*|[a-z0-9]+/g;

/** Lower-case, accents off, words parted where case changes (`searchFlights`) and at signs (`search_flights`). */
export function tokens(text: string): string[] {
  const most = text.slice(0, MAX_CHARS);
  if (PLAIN.test(most)) return most.match(PLAIN_WORD)?.map((word) => word.toLowerCase()) ?? [];
  const plain = most
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

const COMMON = new Set(
  'a an and are as at be by for from has have how i in into is it its me my no not of on or our so than that the their them then there these this to use used using was we what when which who will with you your'.split(
    ' ',
  ),
);

export function isCommon(word: string): boolean {
  return COMMON.has(word);
}

/** By their last letter, the longest first. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  s: ['ations', 'ings', 'ers', 'ors', 'ies', 'es', 's'],
  n: ['ation'],
  g: ['ing'],
  r: ['er', 'or'],
  d: ['ed'],
  e: ['e'],
  y: ['y'],
};

/** English endings off, so that `translates`, `translated` and `translating` meet. Rough on purpose. */
export function stem(word: string): string {
  const { length } = word;
  if (length <= 4) return length === 4 && word.endsWith('s') ? word.slice(0, 3) : word;
  for (const ending of ENDINGS[word[length - 1]!] ?? [])
    if (word.endsWith(ending)) return word.slice(0, length - ending.length);
  return word;
}

/** FNV-1a, 32 bits, letter by letter, so that a word is read once for all that begins with it. */
export const FIRST = 0x811c9dc5;

export function spell(h: number, letter: number): number {
  return Math.imul(h ^ letter, 0x01000193);
}

export function spellAll(h: number, text: string): number {
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** Mixed: a place, not a secret. */
export function placeOf(h: number): number {
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}

/** The words that carry a text's subject, endings off. */
export function tokensOf(text: string): string[] {
  return tokens(text)
    .filter((word) => !isCommon(word))
    .map(stem);
}
