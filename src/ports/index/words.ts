/** Texts as words, and the places that words and pieces of words have in a vector. */

/** Longer texts are taken by how they begin. */
export const MAX_CHARS = 8_000;

/** Lower-case, accents off, words parted where case changes (`searchFlights`) and at signs (`search_flights`). */
export function tokens(text: string): string[] {
  const plain = text
    .slice(0, MAX_CHARS)
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

/** English endings off, so that `translates`, `translated` and `translating` meet. Rough on purpose. */
export function stem(word: string): string {
  if (word.length <= 4) return word.length === 4 && word.endsWith('s') ? word.slice(0, 3) : word;
  return word.replace(/(?:ations?|ings?|ers?|ors?|ies|ed|es|s|e|y)$/, '');
}

/** FNV-1a, 32 bits, mixed: a place, not a secret. */
export function fold(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
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
