/** Who errs alike: agents that share almost all of their mistakes count as one, under however many names. */
import type { Records } from './records.ts';

export interface Cluster {
  name: string;
  rho: number;
}

/** Shared mistakes, of those that both made, beyond which two are taken for copies; chance is about .4. */
const ALIKE = 0.8;
/** Mistakes that both made, below which nothing is said. */
const FEW_MISTAKES = 5;

export function clustersOf({ agents, rows }: Records): Map<string, Cluster> {
  const n = agents.length;
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const rootOf = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!;
    return i;
  };
  const like = new Map<number, number>();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let both = 0;
      let same = 0;
      for (const { votes, right } of rows) {
        const a = votes[i]!;
        if (a < 0 || a === right || votes[j]! < 0 || votes[j] === right) continue;
        both++;
        if (a === votes[j]) same++;
      }
      if (both < FEW_MISTAKES || same / both < ALIKE) continue;
      // With few shared mistakes chance could do it: take off what is unsure.
      if (same / both - 0.8 / Math.sqrt(both) < ALIKE - 0.35) continue;
      like.set(i * n + j, same / both);
      parent[rootOf(i)] = rootOf(j);
    }
  const groups = new Map<number, number[]>();
  for (let i = 0; i < n; i++) groups.set(rootOf(i), [...(groups.get(rootOf(i)) ?? []), i]);
  const clusters = new Map<string, Cluster>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    let sum = 0;
    let pairs = 0;
    for (const i of group)
      for (const j of group) {
        if (j >= i) continue;
        sum += like.get(i * n + j) ?? ALIKE;
        pairs++;
      }
    for (const i of group) clusters.set(agents[i]!, { name: agents[group[0]!]!, rho: sum / pairs });
  }
  return clusters;
}
