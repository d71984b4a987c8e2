/**
 * The embedder that needs no network and no model: words, pairs of words and pieces of words, hashed into a vector.
 * It knows words, not meanings: `buy` and `purchase` meet only where the rest of the text does. Where that is not
 * enough, an embeddings API stands in its place (api.ts).
 */
import type { Embedder } from './port.ts';
import { FIRST, isCommon, placeOf, spell, spellAll, stem, tokens } from './words.ts';

export interface HashedEmbedderOptions {
  /** More dimensions, fewer words that share a place. */
  dims?: number;
}

const DIMS = 256;
/** What a word weighs beside a pair of words, and a piece of three letters. */
const WORD = 1;
const PAIR = 0.5;
const PIECE = 0.25;

/** How a piece begins, so that it is no word; how a word does, and how it ends. */
const PIECE_OF = spell(FIRST, '#'.charCodeAt(0));
const [START, END, BETWEEN] = [94, 36, 32];

export function createHashedEmbedder({ dims = DIMS }: HashedEmbedderOptions = {}): Embedder {
  function put(into: Float32Array, spelt: number, weight: number): void {
    const h = placeOf(spelt);
    into[h % dims]! += h & 0x40000000 ? weight : -weight;
  }

  function putPieces(into: Float32Array, word: string, weight: number): void {
    let [first, second] = [START, word.charCodeAt(0)];
    for (let i = 1; i <= word.length; i++) {
      const third = i === word.length ? END : word.charCodeAt(i);
      put(into, spell(spell(spell(PIECE_OF, first), second), third), weight);
      [first, second] = [second, third];
    }
  }

  function embedOne(text: string): Float32Array {
    const vector = new Float32Array(dims);
    const counts = new Map<string, number>();
    let last: number | undefined;
    for (const token of tokens(text)) {
      if (isCommon(token)) continue;
      const word = stem(token);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      if (last !== undefined) put(vector, spellAll(spell(last, BETWEEN), word), PAIR);
      last = spellAll(FIRST, word);
    }
    for (const [word, n] of counts) {
      // A word said ten times is not ten times the subject.
      const weight = 1 + Math.log(n);
      put(vector, spellAll(FIRST, word), WORD * weight);
      if (word.length >= 4) putPieces(vector, word, PIECE * weight);
    }
    return unit(vector);
  }

  return { name: `hashed-${dims}`, dims, embed: (texts) => texts.map(embedOne) };
}

/** V1. */
export function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  // By place: `of` asks an iterator for each of them.
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  if (sum === 0) return vector;
  const by = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! *= by;
  return vector;
}
