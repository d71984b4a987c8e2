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
  concerns,
  createBandit,
  decider,
  newArm,
  eligible,
  type Features,
  gateOf,
  isAffordable,
  KNOWN_DOMAINS,
  KNOWN_LANGUAGES,
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
