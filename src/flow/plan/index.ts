export { asked, driftAnswered, inSettledScope, openComposite, release } from './asked.ts';
export { advance } from './advance.ts';
