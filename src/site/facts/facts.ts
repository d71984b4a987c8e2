/**
 * Facts: what this site has observed of its agents. Every try's end comes in as an observation and is folded into
 * figures; whoever decides something about agents (breakers, trust, the choice) listens here or asks here.
 *
 * F1  A run never reads these: they reach it as journaled candidates.
 * F2  Own facts and those of other workers of the store are kept apart, so that each is written by one only.
 * F3  What is kept is bounded by the agents and skills there are, and by MAX_PAIRS.
 */
import { addFigures, type Figures, type FigureView, foldFigures, newFigures, viewOf } from './figures.ts';
import type { Judgement, Observation } from './observation.ts';

export interface FactsListener {
  observed?(observation: Observation): void;
  judged?(judgement: Judgement): void;
}

/** Text that JSON can hold, of one worker's facts. */
export interface FactsState {
  position: number;
  figures: Record<string, Figures>;
  /** What listeners keep with the facts, each under its own name. */
  kept: Record<string, unknown>;
}

/** Something that lives on observations and wants its state kept and merged with them. */
export interface Keeper {
  name: string;
  /** JSON of what this worker alone has seen. */
  save(): unknown;
  /** What this worker's forerunner had seen: added to what there is. */
  load(state: unknown): void;
  /** What this worker has seen is another's to keep now. */
  clear(): void;
  /** What each other worker has seen, all of it, anew. */
  others(states: readonly unknown[]): void;
}

export interface Facts {
  /** Observations and judgements folded so far, here and at the other workers. */
  readonly position: number;
  /** A try begins: it counts as load until it is observed. */
  begun(agent: string): void;
  /** It was not made after all: it is load no more, and nothing was observed. */
  unmade(agent: string): void;
  observe(observation: Observation): void;
  judge(judgement: Judgement): void;
  /** Tries of this agent that are out now, from here. */
  load(agent: string): number;
  of(agent: string, skill: string): FigureView | undefined;
  on(listener: FactsListener): () => void;
  /** Keeps the state of something else along with the facts. */
  keep(keeper: Keeper): void;
  /** All that this worker has seen, as JSON. */
  save(): FactsState;
  /** Adds what its forerunner had seen. */
  resume(state: FactsState): void;
  /** Forgets what this worker has seen: another keeps it now. */
  clear(): void;
  /** What each other worker has seen, all of it, anew. */
  others(states: readonly FactsState[]): void;
  /** Observed since `save` was last called. */
  readonly unsaved: boolean;
}

/** Agent and skill pairs kept; the one not seen for the longest goes first. 1e5 agents with one skill fit. */
export const MAX_PAIRS = 131_072;

export function createFacts(): Facts {
  const own = new Map<string, Figures>();
  let theirs = new Map<string, Figures>();
  const open = new Map<string, number>();
  const listeners = new Set<FactsListener>();
  const keepers = new Map<string, Keeper>();
  /** Kept state that came before its keeper. */
  let early: Record<string, unknown> = {};
  let earlyOthers: FactsState[] = [];
  /** By skill and agent, also of whom nothing was seen: dozens are asked for at every choice. */
  const views = new Map<string, Map<string, FigureView | undefined>>();
  let position = 0;
  let theirPosition = 0;
  let unsaved = false;

  function ownFigures(key: string): Figures {
    let figures = own.get(key);
    if (figures === undefined) {
      own.set(key, (figures = newFigures()));
      if (own.size > MAX_PAIRS) forgetOne();
    }
    return figures;
  }

  function seenOf(key: string): FigureView | undefined {
    const [mine, other] = [own.get(key), theirs.get(key)];
    if (mine === undefined && other === undefined) return undefined;
    const sum = newFigures();
    if (mine !== undefined) addFigures(sum, mine);
    if (other !== undefined) addFigures(sum, other);
    return viewOf(sum);
  }

  function forgetOne(): void {
    for (const oldest of own.keys()) {
      own.delete(oldest);
      const at = oldest.indexOf('\n');
      views.get(oldest.slice(0, at))?.delete(oldest.slice(at + 1));
      return;
    }
  }

  function endOne(agent: string): void {
    const out = open.get(agent);
    if (out === undefined) return;
    if (out > 1) open.set(agent, out - 1);
    else open.delete(agent);
  }

  return {
    get position() {
      return position + theirPosition;
    },
    get unsaved() {
      return unsaved;
    },
    begun(agent) {
      open.set(agent, (open.get(agent) ?? 0) + 1);
    },
    unmade: endOne,
    observe(observation) {
      const { agent } = observation;
      endOne(agent);
      const key = pairKey(agent, observation.skill);
      foldFigures(ownFigures(key), observation);
      views.get(observation.skill)?.delete(agent);
      position++;
      unsaved = true;
      for (const listener of listeners) listener.observed?.(observation);
    },
    judge(judgement) {
      position++;
      unsaved = true;
      for (const listener of listeners) listener.judged?.(judgement);
    },
    load: (agent) => open.get(agent) ?? 0,
    of(agent, skill) {
      let seen = views.get(skill);
      if (seen === undefined) views.set(skill, (seen = new Map()));
      const known = seen.get(agent);
      if (known !== undefined || seen.has(agent)) return known;
      if (seen.size >= MAX_PAIRS) seen.clear();
      const view = seenOf(pairKey(agent, skill));
      seen.set(agent, view);
      return view;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    keep(keeper) {
      keepers.set(keeper.name, keeper);
      if (early[keeper.name] !== undefined) keeper.load(early[keeper.name]);
      if (earlyOthers.length > 0) keeper.others(earlyOthers.map((s) => s.kept[keeper.name]));
    },
    save() {
      unsaved = false;
      const kept: Record<string, unknown> = { ...early };
      for (const keeper of keepers.values()) kept[keeper.name] = keeper.save();
      return { position, figures: Object.fromEntries(own), kept };
    },
    resume(state) {
      position += state.position;
      for (const [key, figures] of Object.entries(state.figures)) addFigures(ownFigures(key), figures);
      early = state.kept;
      for (const keeper of keepers.values()) if (early[keeper.name] !== undefined) keeper.load(early[keeper.name]);
      views.clear();
    },
    clear() {
      own.clear();
      views.clear();
      position = 0;
      early = {};
      for (const keeper of keepers.values()) keeper.clear();
    },
    others(states) {
      theirs = new Map();
      theirPosition = 0;
      for (const state of states) {
        theirPosition += state.position;
        for (const [key, figures] of Object.entries(state.figures)) {
          let sum = theirs.get(key);
          if (sum === undefined) theirs.set(key, (sum = newFigures()));
          addFigures(sum, figures);
        }
      }
      earlyOthers = [...states];
      for (const keeper of keepers.values()) keeper.others(states.map((s) => s.kept[keeper.name]));
      views.clear();
    },
  };
}

/** No agent's or skill's name holds a line break that matters: the first one parts them. */
export function pairKey(agent: string, skill: string): string {
  return `${skill}\n${agent}`;
}
