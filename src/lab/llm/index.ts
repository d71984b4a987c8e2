export { type Brain, type ChatRequest, echoBrain, lastText, type Thought } from './brain.ts';
export { type LlmServer, type LlmServerOptions, openLlmServer } from './server.ts';
export { LLM_TROUBLES, type LlmTrouble } from './trouble.ts';
