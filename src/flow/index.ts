export { forkEvents } from './admit/index.ts';
export { decide } from './decide.ts';
export { codeMs } from './attempt/index.ts';
export { MAX_CLAIMS } from './heal/index.ts';
export { DEFAULT_GATE_RIGHT } from './letter.ts';
export * from './agree/index.ts';
export { outputSchema, redoDoubt } from './plan/index.ts';
export { inputOf } from './rebuild.ts';
export {
  addSums,
  addTry,
  applyRules,
  type Bandit,
  type BanditOptions,
  type Belief,
  createBandit,
  newArm,
  eligible,
  type Features,
  gateOf,
  isAffordable,
  namedFor,
  newSums,
  normal,
  posteriorOf,
  predict,
  readSignals,
  type RouteRule,
  type Signals,
  sortsOf,
  type Sums,
  weigh,
  weightsOf,
  wordsOf,
} from './route/index.ts';
