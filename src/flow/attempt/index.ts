export { answered } from './answered.ts';
export { begin } from './begin.ts';
export { mayTryAgain, tries } from './limits.ts';
export { found } from './found.ts';
export { reclaim } from './reclaim.ts';
export { reconciled } from './unknown.ts';
export { heard, wanted } from './budget.ts';
