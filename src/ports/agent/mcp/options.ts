/** What an MCP agent is opened with. */
import type { Amounts, EffectClass } from '../../../model/index.ts';
import type { AgentCall, AgentLimits } from '../port.ts';

/** A server that is started has to be compiled or downloaded first. */
export const CONNECT_TIMEOUT_MS = 15_000;
/** Where a step names no deadline. */
export const CALL_TIMEOUT_MS = 600_000;

export type McpServerAddress =
  | { command: readonly string[]; env?: Record<string, string>; cwd?: string }
  | { url: string; headers?: Record<string, string> };

export interface McpSkillWord {
  name: string;
  description?: string;
  /** Confirms or corrects what the tool's annotations say. */
  effect?: EffectClass;
  keyed?: boolean;
  price?: Amounts;
  /** The tool tells its progress at least this often; silence for longer ends the call. */
  beatMs?: number;
  /** The tool that takes this one's work back: called with `{ key, input, output }`. */
  undo?: string;
  /** The tool that tells whether a key was worked: called with `{ key, input }`, answers `{ happened, output? }`. */
  reconcile?: string;
}

/**
 * An `OAuthClientProvider` of `@modelcontextprotocol/client`. This and what follows is said in words of our own: who
 * reads the types of this package need not have the library.
 */
export interface OAuthProvider {
  readonly redirectUrl?: unknown;
  tokens(...args: never[]): unknown;
}

/** What a server asks a person. */
export interface ServerQuestion {
  message: string;
  /** `url`: the person is to go to a page; else there is a form. */
  mode?: string;
  /** JSON Schema of the form. */
  requestedSchema?: unknown;
  url?: string;
}

export type QuestionAnswer = {
  action: 'accept' | 'decline' | 'cancel';
  /** With `accept`: the form, filled in. */
  content?: Record<string, string | number | boolean | string[]>;
};

export interface McpAuth {
  /** A bearer token, asked for before every request. */
  token?: () => string | undefined | Promise<string | undefined>;
  /** OAuth, by the library: discovery, registration, PKCE, refresh, step-up. See oauth.ts for one that needs no browser. */
  provider?: OAuthProvider;
  /** What came back from the authorization page that `provider` sent somebody to. */
  callback?: () => Promise<URLSearchParams>;
}

export interface McpAgentOptions {
  name: string;
  server: McpServerAddress;
  description?: string;
  skills?: readonly McpSkillWord[];
  limits?: AgentLimits;
  /**
   * `take` (default): a tool's annotations are its server's declaration of what it may change. `ignore`: they are hints
   * of a stranger, and only `skills` declares.
   */
  annotations?: 'take' | 'ignore';
  /** Which wire to speak; default: the newest that both know. */
  revision?: 'auto' | '2025-11-25' | '2026-07-28';
  auth?: McpAuth;
  /** How long to wait for a server to start and say what it can do. */
  connectTimeoutMs?: number;
  /** Answers a server's question at once, where a program can. */
  elicit?: (question: ServerQuestion, call: AgentCall | undefined) => QuestionAnswer | undefined;
  /** Answers what a server would ask a model. Without it and `sampling` the server is told that this client does not. */
  sample?: (prompt: SamplePrompt, call: AgentCall | undefined) => Promise<string>;
  /** A skill of the site that answers it, within these limits for each call. */
  sampling?: SamplingPolicy;
  fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Addresses inside that the server may lead to besides its own: an authorization server beside it. */
  allow?: readonly string[];
  /** Values that are in no answer and no fault, besides the credentials that it is opened with. */
  secrets?: () => readonly string[];
  nowMs?: () => number;
}

export interface SamplingPolicy {
  skill: string;
  /** The most that a server may wish an answer long. */
  maxTokens?: number;
  /** How often in one call. */
  maxCalls?: number;
}

export interface SamplePrompt {
  system?: string;
  messages: { role: string; text: string }[];
  maxTokens: number;
}
