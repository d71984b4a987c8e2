/** BM25 over short texts that come and go: how well words match, rare words counting more than common ones. */
import { tokensOf } from '../../ports/index/index.ts';

export interface Bm25 {
  put(key: string, text: string): void;
  remove(key: string): void;
  /** One score for each of these keys. */
  scores(query: string, keys: readonly string[]): number[];
}

const K1 = 1.2;
const B = 0.75;

export function createBm25(): Bm25 {
  const docs = new Map<string, { counts: Map<string, number>; length: number }>();
  const among = new Map<string, number>();
  let total = 0;

  function remove(key: string): void {
    const doc = docs.get(key);
    if (doc === undefined) return;
    docs.delete(key);
    total -= doc.length;
    for (const word of doc.counts.keys()) {
      const left = among.get(word)! - 1;
      if (left === 0) among.delete(word);
      else among.set(word, left);
    }
  }

  return {
    put(key, text) {
      remove(key);
      const counts = new Map<string, number>();
      const words = tokensOf(text);
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const word of counts.keys()) among.set(word, (among.get(word) ?? 0) + 1);
      docs.set(key, { counts, length: words.length });
      total += words.length;
    },
    remove,
    scores(query, keys) {
      const mean = docs.size === 0 ? 1 : total / docs.size;
      const wanted = [...new Set(tokensOf(query))].map((word) => {
        const n = among.get(word) ?? 0;
        return { word, rare: Math.log(1 + (docs.size - n + 0.5) / (n + 0.5)) };
      });
      return keys.map((key) => {
        const doc = docs.get(key);
        if (doc === undefined) return 0;
        let score = 0;
        for (const { word, rare } of wanted) {
          const n = doc.counts.get(word);
          if (n === undefined) continue;
          score += (rare * n * (K1 + 1)) / (n + K1 * (1 - B + (B * doc.length) / mean));
        }
        return score;
      });
    },
  };
}
