/**
 * The cures that this site knows (model/cures.ts), learned as calls end and kept with its facts. Each worker keeps
 * what it has seen itself; where another knows more of a cure, that counts.
 */
import type { decide } from '../../flow/index.ts';
import { type Cures, goalSkill, learnCure, lessonOf } from '../../model/index.ts';
import { type Facts, pairKey } from './facts.ts';

export interface CureBook {
  /** The same decisions; the calls that end by them may teach something. */
  learning(how: typeof decide): typeof decide;
  of(agent: string, skill: string): Cures | undefined;
}

/** Agents and skills with cures: those that taught nothing for the longest go first. */
const MAX_PAIRS = 4_096;

export function createCures(facts: Facts): CureBook {
  const own = new Map<string, Cures>();
  let theirs = new Map<string, Cures>();

  function put(key: string, cures: Cures): void {
    own.delete(key);
    // Forgotten here, though another still believes in it: kept as nothing, which is a word of its own.
    if (Object.keys(cures).length === 0 && !theirs.has(key)) return;
    own.set(key, cures);
    if (own.size <= MAX_PAIRS) return;
    for (const oldest of own.keys()) return void own.delete(oldest);
  }

  function merge(into: Map<string, Cures>, from: Readonly<Record<string, Cures>>): void {
    for (const [key, cures] of Object.entries(from)) into.set(key, { ...cures, ...into.get(key) });
  }

  facts.keep({
    name: 'cures',
    save: () => Object.fromEntries(own),
    load: (state) => merge(own, state as Record<string, Cures>),
    clear: () => own.clear(),
    others(states) {
      theirs = new Map();
      for (const state of states) if (state !== undefined) merge(theirs, state as Record<string, Cures>);
    },
  });

  return {
    learning: (how) => (state, input, at) => {
      const step = input.in === 'answer' ? state.steps.get(input.step) : undefined;
      const lesson = input.in === 'answer' && step !== undefined ? lessonOf(step, input.n) : undefined;
      const decision = how(state, input, at);
      const end = lesson && decision.events.find((event) => event.type === 'attempt.ended');
      // Who was not asked has taught nothing.
      if (end?.late === true || end === undefined || end.unasked !== undefined) return decision;
      const { agent, signs, lesser } = lesson!;
      const key = pairKey(agent, goalSkill(step!, lesser));
      let known = own.get(key) ?? theirs.get(key) ?? {};
      for (const sign of signs) known = learnCure(known, sign, end.fault === undefined);
      put(key, known);
      return decision;
    },
    of(agent, skill) {
      if (own.size === 0 && theirs.size === 0) return undefined;
      const key = pairKey(agent, skill);
      const known = own.get(key) ?? theirs.get(key);
      return known === undefined || Object.keys(known).length === 0 ? undefined : known;
    },
  };
}
