export { createTrustBook, TRUST_STREAM, type TrustBook } from './keep.ts';
export { outcomeRow } from './outcome.ts';
