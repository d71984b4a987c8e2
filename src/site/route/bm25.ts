/** BM25 over short texts that come and go: how well words match, rare words counting more than common ones. */
import { tokensOf } from '../../ports/index/index.ts';

export interface Bm25 {
  put(key: string, text: string): void;
  remove(key: string): void;
  query(text: string): Bm25Query;
}

export interface Bm25Query {
  /** One score for each of these keys. */
  scores(keys: readonly string[]): number[];
  /** Who has words of it that at most RARE have. */
  withRare(): string[];
}

const K1 = 1.2;
const B = 0.75;
/** Of a word that more have, it is not kept who they are. */
const RARE = 4;

/**
 * A text's words, in order: the word's number times PACKED, and how often it is there. One list of small numbers a text:
 * it lies together, and is gone through once with the words that are looked for.
 */
interface Doc {
  words: number[];
  length: number;
}

/** A word that is there more often counts as this often. */
const PACKED = 16;

/** A word that some texts have: its number, how many have it, and who, while they are few. */
interface Known {
  id: number;
  among: number;
  who?: string[];
}

export function createBm25(): Bm25 {
  const docs = new Map<string, Doc>();
  const known = new Map<string, Known>();
  const words: string[] = [];
  /** Numbers of words that no text has any more. */
  const free: number[] = [];
  let total = 0;

  function idOf(word: string, key: string): number {
    let there = known.get(word);
    if (there === undefined) {
      there = { id: free.pop() ?? words.length, among: 0, who: [] };
      words[there.id] = word;
      known.set(word, there);
    }
    there.among++;
    if (there.among > RARE) there.who = undefined;
    else there.who?.push(key);
    return there.id;
  }

  function remove(key: string): void {
    const doc = docs.get(key);
    if (doc === undefined) return;
    docs.delete(key);
    total -= doc.length;
    for (const packed of doc.words) {
      const id = Math.floor(packed / PACKED);
      const word = words[id]!;
      const there = known.get(word)!;
      there.who = there.who?.filter((one) => one !== key);
      if (--there.among > 0) continue;
      known.delete(word);
      free.push(id);
    }
  }

  return {
    put(key, text) {
      remove(key);
      const found = tokensOf(text);
      const times = new Map<string, number>();
      for (const word of found) times.set(word, (times.get(word) ?? 0) + 1);
      const packed = Array.from(times, ([word, n]) => idOf(word, key) * PACKED + Math.min(n, PACKED - 1));
      docs.set(key, { words: packed.sort((a, b) => a - b), length: found.length });
      total += found.length;
    },
    remove,
    query(text) {
      const wanted: Known[] = [];
      for (const word of new Set(tokensOf(text))) {
        const there = known.get(word);
        if (there !== undefined) wanted.push(there);
      }
      return {
        withRare: () => [...new Set(wanted.flatMap(({ who = [] }) => who))],
        scores(keys) {
          const mean = docs.size === 0 ? 1 : total / docs.size;
          const inOrder = wanted.toSorted((a, b) => a.id - b.id);
          const rare = inOrder.map(({ among }) => Math.log(1 + (docs.size - among + 0.5) / (among + 0.5)));
          return keys.map((key) => {
            const doc = docs.get(key);
            return doc === undefined ? 0 : scoreOf(doc, inOrder, rare, mean);
          });
        },
      };
    },
  };
}

function scoreOf({ words, length }: Doc, wanted: readonly Known[], rare: readonly number[], mean: number): number {
  const long = K1 * (1 - B + (B * length) / mean);
  let score = 0;
  for (let i = 0, at = 0; i < wanted.length; i++) {
    const from = wanted[i]!.id * PACKED;
    while (at < words.length && words[at]! < from) at++;
    if (at === words.length) break;
    const n = words[at]! - from;
    if (n < PACKED) score += (rare[i]! * n * (K1 + 1)) / (n + long);
  }
  return score;
}
