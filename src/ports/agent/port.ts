/** The agent port: whoever can work. One face for functions, processes, models and remote peers. */
import type { Fault, Json } from '../../base/index.ts';
import type { Amounts, EffectClass, Principal, Usage } from '../../model/index.ts';

/** Hand it on as it is: `held`, `schema` and `traceparent` are found only when they are asked for, and no copy has them. */
export interface AgentCall {
  run: string;
  step: string;
  /** Which try this is; for logs, never for identity. */
  attempt: number;
  skill: string;
  input: Json | undefined;
  labels: readonly string[];
  effect: EffectClass;
  /** The same for every try at this step: give it to the sink. */
  key: string;
  /** Aborted when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  /** Wall time by which the answer must be there. */
  deadlineMs: number | undefined;
  /** JSON Schema that the output must fit, where the step has one. */
  schema?: Json;
  /** What persons answered to questions of this agent's (`input.required`), by the question's key. */
  answers?: Readonly<Record<string, Json>>;
  /** The most that this call may cost: what the run's budget holds for it. */
  held?: Amounts;
  /** Who asked. */
  by?: Principal;
  /** The run was taken over: this call may have been made before. */
  again?: boolean;
  /** W3C trace context of this call, to be handed on by whoever calls out. */
  traceparent?: string;
  /** Tells watchers a piece of the answer while it is made. Journaled is only the answer. */
  say?(piece: string): void;
  /** A sign of life. Where the skill names `beatMs`, silence for longer than that ends the call. */
  beat?(): void;
}

export interface AgentReply {
  output?: unknown;
  cost?: Amounts;
  labels?: string[];
  /** What a model took, for bills and traces. */
  usage?: Usage;
  /** It failed, and this is what that cost. Without a cost, throw the fault. */
  fault?: Fault;
}

export interface Happened {
  /** Undefined: it cannot tell. */
  happened: boolean | undefined;
  output?: unknown;
}

export interface UndoCall {
  run: string;
  step: string;
  skill: string;
  /** Key of the undo itself: an undo may be repeated. */
  key: string;
  input: Json | undefined;
  output: Json | undefined;
}

/** A question of an agent's that nobody will answer. */
export interface LeftQuestion {
  run: string;
  step: string;
  skill: string;
  /** That of the call in which it asked. */
  key: string;
  /** The question's own key. */
  question: string;
  /** A person would not answer; else nobody waits for the answer any more. */
  denied: boolean;
}

export interface AgentSkill {
  name: string;
  description?: string;
  effect: EffectClass;
  /** Honours our keys: a repeated call with the same key acts once. */
  keyed?: boolean;
  /** It declares no effect class: `effect` is then irreversible, because nobody knows. */
  undeclared?: boolean;
  /** The most one call costs; none = unpriced. */
  price?: Amounts;
  /** JSON Schema of what goes in and what comes out. */
  input?: Json;
  output?: Json;
  /** The right that who asks must have. */
  right?: string;
  /** It gives a sign of life (`call.beat()`, or a piece of its answer) at least this often. */
  beatMs?: number;
}

export interface AgentLimits {
  /** Calls open at one time. */
  atOnce?: number;
  /** A call is given up after this long. */
  timeoutMs?: number;
  /** Calls begun in any one minute. */
  perMinute?: number;
  /** What keeps a process in: `bubblewrap`, or `none`. */
  sandbox?: string;
}

export interface Agent {
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  /** What it is: `function`, `llm`, `mcp`, `a2a`, `process`. */
  readonly kind?: string;
  readonly limits?: AgentLimits;
  /** Others that it works by way of: they come and go with it, and have limits and figures of their own. */
  readonly companions?: readonly Agent[];
  /** Labels of data that it may see; none named = all. */
  readonly clearance?: readonly string[];
  readonly skills: readonly AgentSkill[];
  /**
   * A thrown Fault is an expected failure; anything else becomes `agent.failed`. For a call with an effect
   * `agent.failed`, `agent.lost` and `step.timeout` mean that it may have happened; to say that it did
   * not, throw `agent.refused` or `agent.busy`.
   */
  call(call: AgentCall): AgentReply | Promise<AgentReply>;
  /** Whether a call with this key was worked. */
  reconcile?(call: Pick<AgentCall, 'run' | 'step' | 'skill' | 'input' | 'key'>): Happened | Promise<Happened>;
  undo?(call: UndoCall): void | Promise<void>;
  /** Told when a question of its (`input.required`) stays without an answer: what it holds for it may go. May come twice. */
  leave?(question: LeftQuestion): void | Promise<void>;
  /** Told when a site takes the agent up: what the site lends to it. */
  bind?(desk: AgentDesk): void;
  /** It lets others answer for it (`desk.ask`). */
  readonly borrows?: boolean;
  /** Calls back when its skills are others than before; the function returned ends that. */
  onChange?(call: () => void): () => void;
  close?(): void | Promise<void>;
}

/** A skill of the site as a tool of a model. */
export interface ToolCard {
  skill: string;
  description?: string;
  input?: Json;
  effect: EffectClass;
}

export interface ToolsWanted {
  /** What they are to be good for. */
  text?: string;
  /** By skill, or by the name a model knows it under. */
  names?: readonly string[];
  /** At most so many by the text. */
  limit: number;
  /** Skills that are not to be found: they are shown already. */
  without?: readonly string[];
  pure?: boolean;
}

export interface FoundTools {
  /** The best first. */
  tools: ToolCard[];
  /** Of so many. */
  of: number;
  /** About how many tokens all of them would take at every turn, and those found do. */
  tokens: { all: number; shown: number };
}

/** What a site lends to an agent that works by way of others. */
export interface AgentDesk {
  /** The card of a skill that somebody at this site has. */
  skill(name: string): AgentSkill | undefined;
  /** Works a model's turns and tool calls as a run of their own: one per key of the call, whoever asks how often. */
  takeTurns(call: AgentCall, agent: string, task: Json): Promise<AgentReply>;
  /** What an agent's words for its tools mean here and now: skills, `prefix*`, `@agent`. */
  tools(agent: string, words: readonly string[]): AgentSkill[];
  /** Of these the few that fit. */
  findTools(agent: string, words: readonly string[], wanted: ToolsWanted): Promise<FoundTools>;
  /** Lets whoever has the skill answer, as a run of its own: one per key of the call and question. */
  ask(call: AgentCall, skill: string, input: Json): Promise<AgentReply>;
}

/** Where others tell us that a task of ours at them has changed: a door's, lent to agents that work for long. */
export interface PushDesk {
  /** What to tell them: an address, and the token that a push about this must bring. Undefined: no door is open. */
  address(about: PushAbout): { url: string; token: string } | undefined;
  watch(about: PushAbout): PushWatch;
}

export interface PushAbout {
  /** The run here that waits. */
  run: string;
  /** By which the agent knows the work. */
  task: string;
}

export interface PushWatch {
  /** Until a push came, or so long. Throws the signal's reason. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}
