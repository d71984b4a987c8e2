export { createTrustBook, TRUST_STREAM, type TrustBook } from './keep.ts';
export { createGolden, type Exam, type Golden, type GoldenOptions } from './golden.ts';
export type { GoldenPair, GoldenTask } from './golden-task.ts';
export { judgeTries } from './judging.ts';
export { outcomeRow } from './outcome.ts';
export { watching } from './watching.ts';
