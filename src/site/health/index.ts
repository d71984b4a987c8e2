export { type Breaker, type BreakerOptions, BREAKER } from './breaker.ts';
export { type Bulkheads, createBulkheads } from './bulkhead.ts';
export type { Cascade } from './cascade.ts';
export { createHealth, type Health, type HealthOptions } from './health.ts';
export { admitLoad, MAX_OPEN_RUNS, type Priority } from './shed.ts';
