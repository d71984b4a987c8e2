export { asked, driftAnswered, release } from './asked.ts';
export { advance } from './advance.ts';
