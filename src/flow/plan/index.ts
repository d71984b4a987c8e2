export { asked, driftAnswered, openComposite, release } from './asked.ts';
export { clearTimers } from './timers.ts';
export { advance } from './advance.ts';
