/** Chance as an argument: a seeded generator (sfc32), and the face that a secure source also has. */

export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** `n` bytes as lower-case hex. */
  hex(n: number): string;
}

export interface SeededChance extends Chance {
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
  yes(probability: number): boolean;
  /** A generator of its own, so that one consumer's draws do not shift another's. */
  split(label: string): SeededChance;
}

export function createSeededChance(seed: number | string): SeededChance {
  let [a, b, c, d] = seedWords(String(seed));

  function word(): number {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  }
  for (let i = 0; i < 12; i++) word();

  const chance: SeededChance = {
    next: () => word() / 4294967296,
    hex(n) {
      let text = '';
      while (text.length < n * 2) text += word().toString(16).padStart(8, '0');
      return text.slice(0, n * 2);
    },
    int: (below) => Math.floor((word() / 4294967296) * below),
    pick: (from) => from[chance.int(from.length)]!,
    yes: (probability) => word() / 4294967296 < probability,
    split: (label) => createSeededChance(`${seed}/${label}`),
  };
  return chance;
}

/** Four words from a text (cyrb128): a seed, not a hash to trust. */
function seedWords(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  return [h1 | 0, h2 | 0, h3 | 0, h4 | 0];
}
