export { type Breaker, type BreakerOptions, BREAKER } from './breaker.ts';
export { type Bulkheads, createBulkheads } from './bulkhead.ts';
export { type Cascade, roundOf } from './cascade.ts';
export { createHealth, type Health, type HealthOptions } from './health.ts';
export { type CascadesFound, cascadesIn, type CascadeStory, lastTries, RECALL_RECORDS } from './journals.ts';
export { admitLoad, MAX_OPEN_RUNS, type Priority } from './shed.ts';
