export { forkEvents } from './admit/index.ts';
export { decide } from './decide.ts';
export { DEFAULT_GATE_RIGHT } from './letter.ts';
export * from './agree/index.ts';
export { outputSchema } from './plan/index.ts';
export { inputOf } from './rebuild.ts';
