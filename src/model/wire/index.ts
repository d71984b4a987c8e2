/** The wire of the HTTP door: shapes that the door checks, the document shows and the client is typed by. */
import type { z } from 'zod';
import type * as nouns from './nouns.ts';
import type * as words from './words.ts';

export {
  type Answer,
  type AnswerOf,
  type AnswersOf,
  type Call,
  type CallInput,
  callNamed,
  calls,
  type CheckedInput,
  refusalsOf,
} from './calls.ts';
export { problem } from './nouns.ts';
export { type CallName, paths } from './paths.ts';
export { MAX_WAIT_MS } from './words.ts';

export type RunView = z.output<typeof nouns.runView>;
export type RunLine = z.output<typeof nouns.line>;
export type SiteLine = z.output<typeof nouns.siteLine>;
export type RunListed = z.output<typeof nouns.runRow>;
export type StepView = z.output<typeof nouns.stepView>;
export type GateView = z.output<typeof nouns.gate>;
export type WorkflowView = z.output<typeof nouns.workflowView>;
export type AgentView = z.output<typeof nouns.agentView>;
export type StartWord = z.input<typeof words.start>;
export type ForkWord = z.input<typeof words.forkWord>;
