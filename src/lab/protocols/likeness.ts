/** How alike two texts are: counts of their parts as a vector, and 64 bits of it that stay near when the text does. */
import { plainText } from '../../flow/index.ts';

export const BITS = 64;
/** Letters in a part: enough to know a word by, few enough that a changed word leaves its neighbours alone. */
const PART = 3;

export type Vector = ReadonlyMap<string, number>;

export function vectorOf(text: string): Vector {
  const plain = ` ${plainText(text)} `;
  const parts = new Map<string, number>();
  for (let i = 0; i + PART <= plain.length; i++) {
    const part = plain.slice(i, i + PART);
    parts.set(part, (parts.get(part) ?? 0) + 1);
  }
  return parts;
}

export function cosine(a: Vector, b: Vector): number {
  let dot = 0;
  for (const [part, n] of a) dot += n * (b.get(part) ?? 0);
  const size = Math.sqrt(sumOfSquares(a) * sumOfSquares(b));
  return size === 0 ? 0 : dot / size;
}

/** Of vectors of length one, so that long answers do not speak louder. */
export function meanOf(vectors: readonly Vector[]): Vector {
  const mean = new Map<string, number>();
  for (const vector of vectors) {
    const size = Math.sqrt(sumOfSquares(vector)) * vectors.length;
    for (const [part, n] of vector) mean.set(part, (mean.get(part) ?? 0) + n / size);
  }
  return mean;
}

function sumOfSquares(vector: Vector): number {
  let sum = 0;
  for (const n of vector.values()) sum += n * n;
  return sum;
}

/** Each part votes on every bit by a hash of its own (simhash): two words of 32. */
export function hashOf(text: string): [number, number] {
  const votes = new Float64Array(BITS);
  for (const [part, n] of vectorOf(text)) {
    const [low, high] = [mix(part, 0x811c9dc5), mix(part, 0x9747b28c)];
    for (let bit = 0; bit < BITS; bit++) {
      const word = bit < 32 ? low : high;
      votes[bit]! += (word >>> (bit & 31)) & 1 ? n : -n;
    }
  }
  const words: [number, number] = [0, 0];
  for (let bit = 0; bit < BITS; bit++) if (votes[bit]! > 0) words[bit < 32 ? 0 : 1] |= 1 << (bit & 31);
  return words;
}

export function distance(a: readonly [number, number], b: readonly [number, number]): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

function ones(word: number): number {
  let n = 0;
  for (let left = word >>> 0; left !== 0; left &= left - 1) n++;
  return n;
}

/** FNV-1a with the end of murmur: bits of short texts must not depend on each other. */
function mix(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
