export { createDesk, takesTurns } from './desk.ts';
export { modelTurns, shelvedTurns } from './flow.ts';
export { lentAsk } from './lent.ts';
