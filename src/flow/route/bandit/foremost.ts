/** Of many agents, those that have shown most, and the newest beside them: bounded, as of when the crowd was last looked at. */
import type { Sums } from './linear.ts';

/** So many are foremost, and so many newer ones wait to be compared with them. */
const FOREMOST = 18;
const NEWER = 6;

export interface Foremost {
  names(): readonly string[];
  /** Waits for the next look. */
  add(agent: string): void;
  /**
   * By the upper end of what each may be at any sort of task: at a sort of its own it is looked at by its words.
   * Who was tried little has the crowd's level, for so many tries.
   */
  rank(arms: Iterable<[string, { own: Sums }]>, crowdLevel: number, tries: number): void;
}

export function createForemost(noise: number): Foremost {
  let foremost: string[] = [];
  let newer: string[] = [];

  return {
    names: () => (newer.length === 0 ? foremost : [...foremost, ...newer]),
    add(agent) {
      newer.push(agent);
      if (newer.length > NEWER) newer.shift();
    },
    rank(arms, crowdLevel, tries) {
      const most: { agent: string; may: number }[] = [];
      for (const [agent, { own }] of arms) {
        const n = own.n + tries;
        const may = (own.b[0]! + tries * crowdLevel) / n + Math.sqrt(noise / n);
        if (most.length === FOREMOST && may <= most.at(-1)!.may) continue;
        let at = most.length;
        while (at > 0 && most[at - 1]!.may < may) at--;
        most.splice(at, 0, { agent, may });
        if (most.length > FOREMOST) most.pop();
      }
      foremost = most.map(({ agent }) => agent);
      newer = [];
    },
  };
}
