export { checkBody, checkWay } from './check.ts';
export {
  addProtocolShape,
  agreeProblems,
  type OptionShape,
  type ProtocolShape,
  protocolShapes,
} from './check-agree.ts';
export { type Known, type KnownAgent, type KnownShape } from './known.ts';
export type { Finding, FindingCode } from './finding.ts';
export { durationMs } from './measures.ts';
export { placeOf, type Read, readBody, readPlan, readWays } from './read.ts';
export { KIND_WORDS, type PlanWords, planWords, type StepWords, stepWords, type WayWords } from './words.ts';
