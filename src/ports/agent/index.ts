export * from './port.ts';
export { functionAgent, type FunctionAgentOptions, type FunctionSkill } from './function.ts';
