export * from './port.ts';
export { functionAgent, type FunctionAgentOptions, type FunctionSkill } from './function.ts';
export {
  AGENT_TROUBLES,
  type AgentFaultPlan,
  type AgentTrouble,
  type AgentTroubleKind,
  withAgentFaults,
} from './faults.ts';
export { type AgentCard, cardOf } from './card.ts';
export {
  type A2aDeclaration,
  type AgentDeclaration,
  type AgentEnvironment,
  foreignSkill,
  kindOf,
  type LlmDeclaration,
  type McpDeclaration,
  openAgent,
  openAgents,
  type ProcessDeclaration,
  readAgentDeclaration,
  type TokenPrice,
  tokenPriceShape,
} from './declare.ts';
export { AGENT_KINDS, type AgentAdapter, type AgentKind } from './kinds.ts';
