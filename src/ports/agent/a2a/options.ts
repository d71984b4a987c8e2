/** How an A2A agent is opened. */
import type { Amounts, EffectClass } from '../../../model/index.ts';
import type { Resolve } from '../../net/index.ts';
import type { AgentLimits, PushDesk } from '../port.ts';

export type A2aBinding = 'JSONRPC' | 'HTTP+JSON' | 'GRPC';

/** What the configuration says of a skill: its word counts, for the card's own says nothing of effects. */
export interface A2aSkillWord {
  name: string;
  description?: string;
  effect?: EffectClass;
  /** The agent knows a message again by its id, and works it once. */
  keyed?: boolean;
  price?: Amounts;
  /** Something is heard of its task at least this often; silence for longer ends the call. */
  beatMs?: number;
  /** The skill that takes back what this one did. */
  undo?: string;
}

export interface A2aAgentOptions {
  name: string;
  description?: string;
  /** A site, whose card is at the well-known path, or the card itself. */
  url: string;
  /** The bindings to use, the best first. Default: as the card has them. */
  bindings?: readonly A2aBinding[];
  /** The key that must have signed the card: the public half, 32 bytes in base64url. */
  key?: string;
  /** Other hosts that the card may lead to. */
  hosts?: readonly string[];
  /** Addresses inside that may be called besides the one named in `url`. */
  allow?: readonly string[];
  /** Asked for at each call, for the agent's own host only. */
  token?: () => string;
  /** Values that are in no answer and no fault, besides its tokens. */
  secrets?: () => readonly string[];
  skills?: readonly A2aSkillWord[];
  /** Its list of tasks holds every task it ever took: what is not there was not sent. */
  listsAll?: boolean;
  limits?: AgentLimits;
  /** It is asked to tell here when a task has changed, and looked at now and then all the same. */
  pushes?: PushDesk;
  nowMs?: () => number;
  resolve?: Resolve;
}

/** Where neither step nor configuration says how long a call may take. */
export const CALL_MS = 300_000;
/** Questions aside (a list, a cancel) are over by then. */
export const ASIDE_MS = 20_000;
