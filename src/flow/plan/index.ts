export { answerProblem, defOf } from './answer.ts';
export { asked, driftAnswered, inSettledScope } from './asked.ts';
export { openComposite, release } from './release.ts';
export { clearTimers } from './timers.ts';
export { advance } from './advance.ts';
export { graft } from './graft.ts';
export { openInside } from './inside.ts';
export { replan, replanned } from './replan.ts';
