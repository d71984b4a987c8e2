export { answered } from './answered.ts';
export { begin } from './begin.ts';
export { isIdle, reclaim } from './reclaim.ts';
export { reconciled } from './unknown.ts';
export { heard, wanted } from './budget.ts';
