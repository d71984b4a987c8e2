export { forkEvents } from './admit/index.ts';
export { decide } from './decide.ts';
export { DEFAULT_GATE_RIGHT } from './letter.ts';
export * from './agree/index.ts';
export { outputSchema } from './plan/index.ts';
export { inputOf } from './rebuild.ts';
export {
  addSums,
  applyRules,
  type Bandit,
  type Belief,
  createBandit,
  type Features,
  newSums,
  readSignals,
  type RouteRule,
  type Signals,
  sortsOf,
  type Sums,
  weigh,
  weightsOf,
  wordsOf,
} from './route/index.ts';
