export { answered } from './answered.ts';
export { begin } from './begin.ts';
export { reclaim, reconcile, reconciled } from './unknown.ts';
export { heard, wanted } from './budget.ts';
