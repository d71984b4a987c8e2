/**
 * Patterns in expressions, so that they are matched in the time of their text. An engine that never goes back and forth
 * stands by (site/v8.ts); what it cannot do is refused here, or said in a way that it can.
 *
 * P1  Refused: looking around, back references, and matching whatever the case inside of a pattern.
 * P2  A repetition is at most 16 times there, repetitions of repetitions multiplied. One sign (a class, an escape) that is
 *     repeated more often is written as several in a row; a group is refused.
 */

const MAX_PATTERN = 1_000;
/** P2. The engine's own. */
const MAX_TIMES = 16;
/** As in RE2. */
const MAX_REPEATED = 1_000;
const NOT_RE2 = /\(\?(?:<?[=!])|\\[1-9]|\\k</;
/** An escape, a class, or whatever a group begins with. */
const TOKEN =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[^])|\[(?:\\[^]|[^\]\\])*\]|\(\?(?:<[^>]*>|[a-z]*(?:-[a-z]*)?:)|[^]/y;
const TIMES = /([*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y;

export type BoundedPattern = { pattern: string; problem?: undefined } | { problem: string };

class Unbounded extends Error {}

/** An expression that goes through a list asks for one pattern again and again. */
let last: { pattern: string; bounded: BoundedPattern } | undefined;

export function boundedPattern(pattern: string): BoundedPattern {
  if (last?.pattern !== pattern) last = { pattern, bounded: bound(pattern) };
  return last.bounded;
}

function bound(pattern: string): BoundedPattern {
  if (pattern.length > MAX_PATTERN)
    return { problem: `a pattern of ${pattern.length} characters, at most ${MAX_PATTERN}` };
  // What is escaped, or one of a class, stands for itself.
  const found = NOT_RE2.exec(pattern.replaceAll(/\\[^1-9k]|\[(?:\\.|[^\]\\])*\]/g, ''));
  if (found !== null)
    return {
      problem: `its pattern looks around or back ('${found[0]}'), which could take for ever: CEL has the patterns of RE2`,
    };
  try {
    return { pattern: written(pattern) };
  } catch (thrown) {
    if (thrown instanceof Unbounded) return { problem: thrown.message };
    throw thrown;
  }
}

/** A group that is open: the most repetitions inside of it, and whether it may match nothing. */
interface Group {
  most: number;
  /** The branch being read, and any branch before it. */
  isEmpty: boolean;
  mayBeEmpty: boolean;
}

function written(pattern: string): string {
  let at = 0;
  let whole = '';
  const open: Group[] = [newGroup()];

  function next(kind: RegExp): RegExpExecArray | null {
    kind.lastIndex = at;
    const found = kind.exec(pattern);
    if (found !== null) at += found[0].length;
    return found;
  }

  while (at < pattern.length) {
    const [token] = next(TOKEN)!;
    if (token.startsWith('(')) {
      if (/^\(\?[a-z]*(?<!-)i/.test(token))
        throw new Unbounded(
          `its pattern takes no heed of case ('${token}'): match \`lowerAscii()\` of the text, or name both`,
        );
      open.push(newGroup());
      whole += token;
      continue;
    }
    const group = token === ')' && open.length > 1 ? open.pop() : undefined;
    const around = open.at(-1)!;
    if (token === '|') {
      around.mayBeEmpty ||= around.isEmpty;
      around.isEmpty = true;
    }
    const { most, isNothing } =
      group === undefined
        ? { most: 1, isNothing: NOTHING.has(token) }
        : { most: group.most, isNothing: group.mayBeEmpty || group.isEmpty };
    const [said = '', sign = '', least, comma, upTo] = next(TIMES) ?? [];
    const from = least === undefined ? Number(sign === '+' || sign === '') : Number(least);
    const to = least === undefined ? (sign === '' ? 1 : sign === '?' ? 1 : Infinity) : toOf(from, comma, upTo);
    if (!isNothing && from > 0) around.isEmpty = false;
    const count = to === Infinity ? from : to;
    if (count > MAX_REPEATED)
      throw new Unbounded(`its pattern repeats something ${count} times, at most ${MAX_REPEATED}`);
    const isLong = group === undefined && count > MAX_TIMES;
    // What may match nothing is tried once more than it must be there.
    const more = isNothing && from > 0 && from < to ? 1 : 0;
    const product = most * Math.max(1, isLong ? MAX_TIMES : count + more);
    if (product > MAX_TIMES)
      throw new Unbounded(
        `its pattern repeats a group ${product} times, at most ${MAX_TIMES} (repetitions of repetitions multiply)`,
      );
    whole += isLong ? inARow(token, from, to, said.endsWith('?') ? '?' : '') : token + said;
    around.most = Math.max(around.most, product);
  }
  return whole;
}

const NOTHING: ReadonlySet<string> = new Set(['|', '^', '$', '\\b', '\\B']);

function newGroup(): Group {
  return { most: 1, isEmpty: true, mayBeEmpty: false };
}

function toOf(from: number, comma: string | undefined, upTo: string | undefined): number {
  if (comma === undefined) return from;
  return upTo === '' ? Infinity : Number(upTo);
}

/** P2. `x{40}` is `x{16}x{16}x{8}`. */
function inARow(sign: string, from: number, to: number, lazy: string): string {
  const some = (times: number, how: (n: number) => string): string =>
    Array.from({ length: Math.ceil(times / MAX_TIMES) }, (_, i) =>
      how(Math.min(MAX_TIMES, times - i * MAX_TIMES)),
    ).join('');
  const needed = some(from, (n) => `${sign}{${n}}`);
  if (to === Infinity) return `${needed}${sign}*${lazy}`;
  return needed + some(to - from, (n) => `${sign}{0,${n}}${lazy}`);
}
