/** Watching a run in a terminal. */
export { DRIFT_QUESTION, drawRun, type DrawOptions } from './draw.ts';
export { cutText, lineOf, siteLineOf } from './lines.ts';
export { showRun, type ShowOptions } from './show.ts';
export { look, newRunView, type RunView, type StepView } from './view.ts';
