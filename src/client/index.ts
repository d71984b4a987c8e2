/** The client of a Skein site, for Node and browsers: `import { createClient } from 'skein/client'`. */
export { Fault, type FaultCode } from '../base/fault.ts';
export type { Json } from '../base/json.ts';
export type {
  AgentView,
  ForkWord,
  GateView,
  RunLine,
  RunListed,
  RunView,
  SiteLine,
  StartWord,
  StepView,
  WorkflowView,
} from '../model/wire/index.ts';
export { type Client, type ClientOptions, createClient, type StartOptions } from './client.ts';
export type { FollowOptions, PieceView, WatchOptions } from './follow.ts';
export type { GateAnswer, RemoteRun, Result, Wish, Word } from './run.ts';
