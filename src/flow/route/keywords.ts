/**
 * Is a keyword in a text? Words are compared whole, without case. What stands between two words does not count
 * (`e-mail` is `e mail`), but a sign at an end of a word does: `c++` is not in `vitamin c`.
 *
 * The text is made ready once, and only if somebody asks; then each keyword is one walk of the machine's own search.
 */

export type HasKeyword = (keyword: string) => boolean;

const BETWEEN = /[^\p{L}\p{M}\p{N}]+/gu;
/** A word that begins or ends with a sign. */
const SIGNED = /(?<!\S)[^\p{L}\p{M}\p{N}\s]|[^\p{L}\p{M}\p{N}\s](?!\S)/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
/** Scripts that write words without anything between them: there a keyword may stand inside. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

export function keywordsOf(text: string): HasKeyword {
  let words: string | undefined;
  let signs: string | undefined;
  return (keyword) => {
    const wanted = signsOf(keyword);
    if (SIGNED.test(wanted)) return isIn((signs ??= signsOf(text)), wanted);
    return isIn((words ??= signsOf(text).replace(BETWEEN, ' ')), wanted.replace(BETWEEN, ' '));
  };
}

function signsOf(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

function isIn(text: string, wanted: string): boolean {
  if (wanted === '') return false;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (parts(text, at) && parts(text, end)) return true;
  }
  return false;
}

/** Whether no word goes on over this place. */
function parts(text: string, at: number): boolean {
  if (isPlain(text.charCodeAt(at - 1)) && isPlain(text.charCodeAt(at))) return false;
  const isPair = at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
  const before = text.slice(Math.max(0, at - (isPair ? 2 : 1)), at);
  const after = String.fromCodePoint(text.codePointAt(at) ?? 0x20);
  if (!LETTER.test(before) || !LETTER.test(after)) return true;
  return UNSPACED.test(before) || UNSPACED.test(after);
}

/** a-z, 0-9: told fast, for a text may have a short keyword inside of a million words. */
function isPlain(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}
