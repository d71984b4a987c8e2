export { asked, driftAnswered, openComposite, release } from './asked.ts';
export { advance } from './advance.ts';
