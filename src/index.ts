/** Skein: swarms of agents whose every run is a journal. */
export { Fault, type FaultCode, type FaultData, type Json } from './base/index.ts';
export * from './author/index.ts';
export type { Amounts, EffectClass, Event, Principal, RunOutcome } from './model/index.ts';
export {
  type Agent,
  type AgentCall,
  type AgentCard,
  type AgentDeclaration,
  type AgentEnvironment,
  type AgentReply,
  type AgentSkill,
  cardOf,
  functionAgent,
  openAgent,
  openAgents,
  readAgentDeclaration,
} from './ports/agent/index.ts';
export { createLlmAgent, type LlmOptions } from './ports/agent/llm/index.ts';
export { openStore, type Store } from './ports/store/index.ts';
export {
  compactStream,
  type Finding as AuditFinding,
  loadSiteKey,
  retainPayloads,
  signHead,
  verifyStream,
} from './site/audit/index.ts';
export { backup, markRestored, openRestored } from './site/backup.ts';
export { type Config, defineConfig } from './site/config/index.ts';
export { describeDiff, diffRuns, type RunDiff, type StepDiff } from './site/diff.ts';
export { openDrifts, type OpenDrift, type OpenGate } from './site/gates.ts';
export { type Difference, replay, type Replayed } from './site/replay.ts';
export { rebuildFacts } from './site/facts/index.ts';
export { createShelf, explainChoice, type Explained, type Shelf, type Shelved, type Tool } from './site/route/index.ts';
export { openSite, OPERATOR, type RunHandle, type RunResult, type Site, type SiteOptions } from './site/site.ts';
export type { RunList, RunRow, RunsOptions } from './site/runs.ts';
export { tellRun } from './site/tale.ts';
export {
  createGolden,
  type Exam,
  type Golden,
  type GoldenOptions,
  type GoldenPair,
  type GoldenTask,
} from './site/trust/index.ts';
export type { Watched, WatchOptions } from './site/watch.ts';
export type { SiteWatched, WatchSiteOptions } from './site/watch-site.ts';
