export { createDesk } from './desk.ts';
export { modelTurns } from './flow.ts';
