/**
 * Near: whose words are near a text, among many. Vectors find a few dozen quickly (by meaning, as far as the embedder
 * knows meanings), and those are weighed again with BM25 (by words, rare ones counting more).
 *
 * M1  What is indexed follows the agents: added, changed and removed one by one, never built anew as a whole.
 */
import { createGrowingIndex, type Embedder, type VectorIndex } from '../../ports/index/index.ts';
import { createBm25, type Bm25 } from './bm25.ts';

export interface Scored {
  agent: string;
  /** 0 to 1. */
  near: number;
}

export interface NearIndex {
  readonly size: number;
  /** The texts of all are embedded together. Resolves when they can be found. */
  put(entries: readonly { key: string; text: string }[]): void | Promise<void>;
  remove(key: string): void;
  nearest(text: string, limit: number): Scored[] | Promise<Scored[]>;
}

export interface NearOptions {
  embedder: Embedder;
  index?: VectorIndex;
}

/** So many more than asked for are found by vector, to be weighed by words. */
const WIDER = 1.5;
/** What the words weigh beside the vector. */
const WORDS_WEIGHT = 0.5;
/** An embeddings API takes its texts in portions. */
const AT_ONCE = 512;

export function createNearIndex({
  embedder,
  index = createGrowingIndex({ dims: embedder.dims }),
}: NearOptions): NearIndex {
  const words: Bm25 = createBm25();
  /** Of texts that are being embedded, only the last one put counts. */
  const latest = new Map<string, string>();

  function add(entries: readonly { key: string; text: string }[], vectors: readonly Float32Array[]): void {
    entries.forEach(({ key, text }, i) => {
      if (latest.get(key) !== text) return;
      index.add(key, vectors[i]!);
      words.put(key, text);
    });
  }

  function weigh(text: string, vector: Float32Array, limit: number): Scored[] {
    const hits = index.search(vector, Math.ceil(limit * WIDER));
    const scores = words.scores(
      text,
      hits.map((hit) => hit.key),
    );
    const most = Math.max(1e-9, ...scores);
    const all = hits.map(({ key, score }, i) => ({
      agent: key,
      near: (Math.max(0, score) + WORDS_WEIGHT * (scores[i]! / most)) / (1 + WORDS_WEIGHT),
    }));
    return all.toSorted((a, b) => b.near - a.near).slice(0, limit);
  }

  return {
    get size() {
      return index.size;
    },
    put(entries) {
      for (const { key, text } of entries) latest.set(key, text);
      const first = entries.slice(0, AT_ONCE);
      const vectors = embedder.embed(first.map((one) => one.text));
      if (Array.isArray(vectors)) {
        add(first, vectors);
        const rest = entries.slice(AT_ONCE);
        return rest.length === 0 ? undefined : this.put(rest);
      }
      return putLater(entries, vectors);
    },
    remove(key) {
      latest.delete(key);
      index.remove(key);
      words.remove(key);
    },
    nearest(text, limit) {
      const vectors = embedder.embed([text]);
      if (Array.isArray(vectors)) return weigh(text, vectors[0]!, limit);
      return vectors.then(([vector]) => weigh(text, vector!, limit));
    },
  };

  async function putLater(entries: readonly { key: string; text: string }[], first: Promise<Float32Array[]>) {
    let vectors = await first;
    for (let i = 0; i < entries.length; i += AT_ONCE) {
      const some = entries.slice(i, i + AT_ONCE);
      if (i > 0) vectors = await embedder.embed(some.map((one) => one.text));
      add(some, vectors);
    }
  }
}
