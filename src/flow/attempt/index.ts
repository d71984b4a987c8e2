export { answered } from './answered.ts';
export { begin } from './begin.ts';
export { askPanel } from './call.ts';
export { mayTryAgain, stepTimeLeft, tries } from './limits.ts';
export { found } from './found.ts';
export { hearOut, reclaim, resume } from './reclaim.ts';
export { reconciled } from './unknown.ts';
export { heard, noteOverrun, wanted } from './budget.ts';
export { isOut } from './waits.ts';
