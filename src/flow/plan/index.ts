export { answerProblem } from './answer.ts';
export { asked, driftAnswered, inSettledScope, openComposite, release } from './asked.ts';
export { clearTimers } from './timers.ts';
export { advance } from './advance.ts';
export { graft } from './graft.ts';
export { openInside } from './inside.ts';
export { replan, replanned } from './replan.ts';
