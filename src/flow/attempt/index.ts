export { answered } from './answered.ts';
export { begin } from './begin.ts';
export { hearOut, reclaim, resume } from './reclaim.ts';
export { DEFAULT_TRIES, isOut, mayRetry, stepTimeLeft, triesAt, waits } from './limits.ts';
export { reconciled } from './unknown.ts';
export { heard, noteOverrun, wanted } from './budget.ts';
