export { createDesk, takesTurns } from './desk.ts';
export { modelTurns } from './flow.ts';
export { lentAsk } from './lent.ts';
