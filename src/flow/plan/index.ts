export { asked, driftAnswered } from './asked.ts';
export { openComposite, release } from './release.ts';
export { advance } from './advance.ts';
