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

/** A text's words by number, in order, so that one is found by halving; and how often each is there. */
interface Doc {
  ids: Uint32Array;
  counts: Uint16Array;
  length: number;
}

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
    for (const id of doc.ids) {
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
      const pairs = [...times].map(([word, n]) => [idOf(word, key), n] as const).sort((a, b) => a[0] - b[0]);
      docs.set(key, {
        ids: Uint32Array.from(pairs, ([id]) => id),
        counts: Uint16Array.from(pairs, ([, n]) => n),
        length: found.length,
      });
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
          const rare = wanted.map(({ among }) => Math.log(1 + (docs.size - among + 0.5) / (among + 0.5)));
          return keys.map((key) => {
            const doc = docs.get(key);
            if (doc === undefined) return 0;
            let score = 0;
            for (let i = 0; i < wanted.length; i++) {
              const at = placeOf(doc.ids, wanted[i]!.id);
              if (at < 0) continue;
              const n = doc.counts[at]!;
              score += (rare[i]! * n * (K1 + 1)) / (n + K1 * (1 - B + (B * doc.length) / mean));
            }
            return score;
          });
        },
      };
    },
  };
}

function placeOf(ids: Uint32Array, wanted: number): number {
  let [low, high] = [0, ids.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const id = ids[middle]!;
    if (id === wanted) return middle;
    if (id < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
