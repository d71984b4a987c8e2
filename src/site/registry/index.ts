export { sampleOf, tryAgent, type TrialOptions, type Tried } from './trial.ts';
export { followKeptAgents, type Following, LOOK_MS } from './follow.ts';
export { declareAgent, type Kept, keptAgents, type Saying, withdrawAgent } from './words.ts';
