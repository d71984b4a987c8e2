/** What a site offers, and what it is opened with. */
import type { TrustBook } from './trust/index.ts';
import type { Chance, Clock, Fault, Json } from '../base/index.ts';
import type { AnyWorkflow, Workflow } from '../author/index.ts';
import type { decide } from '../flow/index.ts';
import type { Amounts, Preference, Principal, RunOutcome, RunState } from '../model/index.ts';
import type { Agent } from '../ports/agent/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { AgentBook } from './agents.ts';
import type { Erased, RetentionRule } from './audit/index.ts';
import type { Facts } from './facts/index.ts';
import type { ForkOptions } from './fork.ts';
import type { OpenGate } from './gates.ts';
import type { Health, HealthOptions, Priority } from './health/index.ts';
import type { RoutingOptions } from './route/index.ts';
import type { Piece } from './pieces.ts';
import type { Pulse } from './pulse.ts';
import type { Pushes } from './pushes.ts';
import type { RetentionPolicy } from './retention.ts';
import type { RunList, RunsOptions } from './runs.ts';
import type { SiteWatched, WatchSiteOptions } from './watch-site.ts';
import type { Watched, WatchOptions } from './watch.ts';
import type { Durability, Worker } from './worker.ts';

export interface SiteOptions {
  /** A store, or its address: `memory:`, a path, `postgres://...`. */
  store?: Store | string;
  workflows?: readonly AnyWorkflow[];
  agents?: readonly Agent[];
  /** Local functions that workflows as data call by name. */
  functions?: Record<string, (input: never) => unknown>;
  worker?: string;
  durability?: Durability;
  evictAfterMs?: number;
  clock?: Clock;
  chance?: Chance;
  onTrouble?: (run: string | undefined, fault: Fault | undefined) => void;
  /** Where OpenTelemetry's names are read (`OTEL_...`). Default: the process's environment. */
  telemetry?: Readonly<Record<string, string | undefined>>;
  /** A site that only asks carries no run on. Default true. */
  works?: boolean;
  /** A resume folds at most about this many events beyond a snapshot. */
  snapshotEvents?: number;
  /** How agents are chosen for steps. */
  routing?: RoutingOptions;
  /** What is observed of agents is kept in the store. Default true. */
  keepFacts?: boolean;
  /** Payloads that are older go, by a worker of the site at a time. Default: they stay. */
  retention?: RetentionPolicy;
  /** Breakers of agents; false = none. */
  health?: HealthOptions | false;
  /** Runs that may be open here at one time; beyond it new ones are turned away, by priority. */
  maxOpenRuns?: number;
  /** Where agents of others tell of our tasks: what comes to another worker of the store is heard here, too. */
  pushes?: Pushes;
  /** Other decisions: for the laboratory, which plants bugs in them. */
  decide?: typeof decide;
}

export interface StartOptions {
  /** The same id starts one run, however often it is said. */
  id?: string;
  by?: Principal;
  /** What is turned away first when the site is full. Default: normal. */
  priority?: Priority;
  budget?: Amounts;
  /** When it must be done: ms since 1970, not how long it may take (that is `deadlineMs` of a workflow). */
  deadlineMs?: number;
  labels?: string[];
  goal?: string;
  /** What counts when agents are chosen, where a step does not say it. */
  prefer?: Preference;
  blockEffects?: boolean;
  /**
   * A run of this id may have been worked before, in a time that a restored backup knows nothing of: what it may have
   * done is found out first, as in every run that was restored.
   */
  mayHaveRun?: boolean;
  /** What the door that took it is to find beside it in listings: names and ids, never what was said. */
  door?: Record<string, string>;
  /** W3C trace context of whoever asks: the run's spans stand under it. */
  traceparent?: string;
}

export interface RunResult<O = Json> {
  run: string;
  outcome: RunOutcome;
  output?: O;
  fault?: RunState['fault'];
  spent: Amounts;
}

export interface RunHandle<O = Json> {
  readonly run: string;
  /** The output; throws the run's fault when it did not complete. Follows continued runs. */
  output(options?: { signal?: AbortSignal }): Promise<O>;
  result(options?: { signal?: AbortSignal }): Promise<RunResult<O>>;
  /** When the step has come to wait for a person (a gate, a gated effect, an unknown call). */
  untilAsked(step: string, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<OpenGate>;
}

/** Said twice under one id, a word counts once. */
export interface WordId {
  id?: string;
  /** The id was made for this word: nobody can have said it before, and it is not looked for. */
  isNew?: boolean;
}

export interface GateWord extends WordId {
  by?: Principal;
  reason?: string;
  /**
   * On an unknown effect: the attempt that this is about; null = none, it is about a gate. Without it the
   * question is the one that the step asks when the word is given.
   */
  attempt?: number | null;
  /** With `edit`: what it becomes. On an unknown effect: what the sink answered. */
  value?: unknown;
}

export interface Site {
  readonly store: Store;
  readonly agents: AgentBook;
  /** What was observed of agents. */
  readonly facts: Facts;
  /** What checked outcomes say of agents. */
  readonly trust: TrustBook;
  /** Breakers that are not closed, and the hand that opens one. */
  readonly health?: Health;
  /** What it decides and commits, for who keeps figures. */
  readonly pulse: Pulse;
  readonly worker: Worker;
  /** The workflows that can be started here by name. */
  workflows(): AnyWorkflow[];
  start<I, O>(flow: Workflow<I, O>, input?: I, options?: StartOptions): Promise<RunHandle<O>>;
  start(flow: string, input?: unknown, options?: StartOptions): Promise<RunHandle>;
  handle<O = Json>(run: string): RunHandle<O>;
  state(run: string): Promise<RunState>;
  /** Every event of the run after a seq, as it reaches the disk, here or at another worker; ends with the run. */
  watch(run: string, options?: WatchOptions): AsyncIterable<Watched>;
  /** Events of all runs, in the order in which they reached the store; goes on until it is told to stop. */
  watch(options?: WatchSiteOptions): AsyncIterable<SiteWatched>;
  /** Pieces of answers while agents make them at this worker. A hint: journaled is only the answer. */
  listen(run: string, heard: (piece: Piece) => void): () => void;
  /** Runs, newest first, a page at a time. */
  runs(options?: RunsOptions): Promise<RunList>;
  /** What the run waits for a person to approve, edit or deny. What has drifted: `openDrifts`. */
  gates(run: string): Promise<OpenGate[]>;
  signal(run: string, name: string, data?: unknown, options?: WordId & { by?: Principal }): Promise<void>;
  approve(run: string, step: string, word?: GateWord): Promise<void>;
  edit(run: string, step: string, value: unknown, word?: GateWord): Promise<void>;
  deny(run: string, step: string, word?: GateWord): Promise<void>;
  /** fork: the run ends here and is carried on by a fork of it, in which this step is worked again. */
  resolveDrift(
    run: string,
    step: string,
    choice: 'keep' | 'redo' | 'fork',
    by?: Principal,
    options?: { allowEffects?: boolean },
  ): Promise<void>;
  /** Another plan for a run of a workflow as data: parts not started change, what is settled stays or drifts. */
  replan(run: string, flow: AnyWorkflow, by?: Principal): Promise<void>;
  /** A new run that begins with what this one had settled; effects are blocked in it unless allowed. */
  fork<O = Json>(run: string, options?: ForkOptions): Promise<RunHandle<O>>;
  cancel(run: string, reason: string, by?: Principal): Promise<void>;
  /**
   * Erases payloads (of these events, or all of a run that is over); the journal says so. Returns how many were there.
   * An open run that needs one fails with `payload.erased` when it is taken up again; its plan is not erased.
   */
  erase(run: string, which: readonly number[] | 'payloads', word: { by?: Principal; reason: string }): Promise<number>;
  /** Erases payloads older than the rule allows. */
  retain(rule: RetentionRule): Promise<Erased[]>;
  /** Drains, then stops. Runs are given up, for others or for the next start. */
  stop(options?: { graceMs?: number }): Promise<void>;
}
