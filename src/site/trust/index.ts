export { createTrustBook, TRUST_STREAM, type TrustBook } from './keep.ts';
export { createGolden, type Exam, type Golden, type GoldenOptions, type GoldenTask } from './golden.ts';
export { outcomeRow } from './outcome.ts';
