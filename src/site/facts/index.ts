export { createCures, type CureBook } from './cures.ts';
export { createFacts, type Facts, type FactsListener, type FactsState, type Keeper, pairKey } from './facts.ts';
export type { FigureView } from './figures.ts';
export type { Judgement, Observation, TryEnd } from './observation.ts';
export { type FactsKeeping, keepFacts } from './keep.ts';
export { isItsFault } from './observation.ts';
export { rebuildFacts, type RebuildOptions } from './rebuild.ts';
export { createTries, type Tries } from './tries.ts';
