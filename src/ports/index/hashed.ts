/**
 * The embedder that needs no network and no model: words, pairs of words and pieces of words, hashed into a vector.
 * It knows words, not meanings: `buy` and `purchase` meet only where the rest of the text does. Where that is not
 * enough, an embeddings API stands in its place (api.ts).
 */
import type { Embedder } from './port.ts';
import { fold, isCommon, stem, tokens } from './words.ts';

export interface HashedEmbedderOptions {
  /** More dimensions, fewer words that share a place. */
  dims?: number;
}

const DIMS = 256;
/** What a word weighs beside a pair of words, and a piece of three letters. */
const WORD = 1;
const PAIR = 0.5;
const PIECE = 0.25;

export function createHashedEmbedder({ dims = DIMS }: HashedEmbedderOptions = {}): Embedder {
  function put(into: Float32Array, what: string, weight: number): void {
    const h = fold(what);
    into[h % dims]! += h & 0x40000000 ? weight : -weight;
  }

  function embedOne(text: string): Float32Array {
    const vector = new Float32Array(dims);
    const counts = new Map<string, number>();
    let last = '';
    for (const token of tokens(text)) {
      if (isCommon(token)) continue;
      const word = stem(token);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      if (last !== '') put(vector, `${last} ${word}`, PAIR);
      last = word;
    }
    for (const [word, n] of counts) {
      // A word said ten times is not ten times the subject.
      const weight = 1 + Math.log(n);
      put(vector, word, WORD * weight);
      if (word.length < 4) continue;
      const padded = `^${word}$`;
      for (let i = 0; i + 3 <= padded.length; i++) put(vector, `#${padded.slice(i, i + 3)}`, PIECE * weight);
    }
    return unit(vector);
  }

  return { name: `hashed-${dims}`, dims, embed: (texts) => texts.map(embedOne) };
}

/** V1. */
export function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const one of vector) sum += one * one;
  if (sum === 0) return vector;
  const by = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! *= by;
  return vector;
}
