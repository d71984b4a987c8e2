/**
 * The face that a workflow as code sees: `run.ask`, `run.effect`, `run.map` and their kin.
 *
 * What a branch, an item or a turn works out leaves it by its return value. A variable that it sets
 * outside itself is set only while the code runs there: a resumed run does not run it again once the
 * map, join or loop is settled.
 */
import type { Json } from '../base/index.ts';
import type { AgreeSpec, Amounts, EffectClass, JoinMode, Preference, RetrySpec, WayWords } from '../model/index.ts';
import type { Schema, Skill } from './skill.ts';
import type { Workflow } from './workflow.ts';

export interface NameOptions {
  /** Tells apart uses of one name in one scope. */
  key?: string | number;
  /** The step's former name in this scope, or its whole former id, when you renamed or moved it. */
  was?: string;
  /** When the settled input differs: ask a person (default), keep the old result, or work it again. */
  drift?: 'ask' | 'keep' | 'redo';
  /** Labels of what goes in, beside those of the run. */
  labels?: string[];
}

export interface CodeOptions extends NameOptions {
  /** A function that gives a promise has this long; default ten minutes. One that never lets go of the thread cannot be ended. */
  timeoutMs?: number;
  /** From when the step was asked. */
  deadlineMs?: number;
}

export interface CallOptions<O> extends NameOptions {
  /** The step's name, where it is not the skill's. */
  name?: string;
  output?: Schema<O>;
  /** Only this agent. */
  agent?: string;
  effect?: EffectClass;
  agree?: AgreeSpec;
  retry?: RetrySpec;
  /** For one attempt. */
  timeoutMs?: number;
  /** For the step with all its attempts. */
  deadlineMs?: number;
  ceiling?: Amounts;
  /** What counts when an agent is chosen: quality, cost, speed. */
  prefer?: Preference;
  /** A pure call that is slow is asked of a second agent too; the first answer counts. */
  hedge?: boolean;
  /** Lesser goals, in order, when no way is left to this one. */
  lesser?: (string | Skill<never, O> | { skill: string; agent?: string })[];
  /** Other ways to the same goal and the same output: a skill, or steps of their own (words as in a plan). */
  alternatives?: WayWords[];
  /** What a call weighs when ways are compared, where no measured figure says it. */
  cost?: number;
  /** When no way is left: the right of the person who is asked before the step fails. */
  person?: string;
  /** The id of a gate in this run that must have been passed. */
  gate?: string;
  /** A person with this right must let it pass first. */
  right?: string;
}

export interface GateOptions extends NameOptions {
  right?: string;
  /** How long to wait for an answer; then the gate fails with `step.timeout`. */
  timeoutMs?: number;
  /** What the person is shown, and may edit. */
  show?: unknown;
}

export interface GateAnswer<T> {
  choice: 'approve' | 'edit';
  by: string;
  value: T;
}

export interface MapOptions<T> extends NameOptions {
  /** Names each item: results are matched by it, never by position. */
  itemKey: (item: T, index: number) => string | number;
  /** Branches open at once. */
  width?: number;
  join?: JoinMode;
}

export interface LoopOptions<S> extends NameOptions {
  from: S;
  /** Ends the loop when true of what the turn gave. */
  until?: (state: S, turn: number) => boolean;
  /** The most turns; a loop needs `until` or this. */
  maxTurns?: number;
}

export interface SignalOptions extends NameOptions {
  /** How long to wait for it; then the step fails with `step.timeout`. */
  timeoutMs?: number;
}

/** One of them. */
export interface WaitTime {
  ms?: number;
  untilMs?: number;
}

export interface ChildOptions extends NameOptions {
  budget?: Amounts;
  name?: string;
}

export type Branches = Record<string, (run: Run) => unknown>;
type Awaiteds<B extends Branches> = { [K in keyof B]: Awaited<ReturnType<B[K]>> };
export type SettledBranch<T> = { ok: true; value: T } | { ok: false; fault: { code: string; message: string } };

export interface Run {
  readonly id: string;
  readonly scope: string;
  /** Asks an agent that has the skill. */
  ask<I, O>(skill: Skill<I, O>, input: I, options?: CallOptions<O>): Promise<O>;
  ask<O = Json>(skill: string, input?: unknown, options?: CallOptions<O>): Promise<O>;
  /** A change outside: one call with an intent before it and a key that stays. */
  effect<I, O>(skill: Skill<I, O>, input: I, options?: CallOptions<O>): Promise<O>;
  effect<O = Json>(skill: string, input?: unknown, options?: CallOptions<O>): Promise<O>;
  /** A local function without effects; its result is journaled. */
  code<O>(name: string, fn: () => O | Promise<O>, options?: CodeOptions): Promise<O>;
  code<I, O>(name: string, input: I, fn: (input: I) => O | Promise<O>, options?: CodeOptions): Promise<O>;
  map<T, O>(
    name: string,
    items: readonly T[],
    options: MapOptions<T>,
    fn: (item: T, run: Run) => O | Promise<O>,
  ): Promise<O[]>;
  loop<S>(
    name: string,
    options: LoopOptions<S>,
    body: (state: S, run: Run, turn: number) => S | Promise<S>,
  ): Promise<S>;
  /** All branches, or the first failure; the others are cancelled then. */
  all<B extends Branches>(name: string, branches: B, options?: NameOptions): Promise<Awaiteds<B>>;
  /** The first that succeeds; the others are cancelled. */
  any<B extends Branches>(
    name: string,
    branches: B,
    options?: NameOptions,
  ): Promise<{ branch: keyof B & string; value: Awaiteds<B>[keyof B] }>;
  atLeast<B extends Branches>(
    name: string,
    count: number,
    branches: B,
    options?: NameOptions,
  ): Promise<Partial<Awaiteds<B>>>;
  settled<B extends Branches>(
    name: string,
    branches: B,
    options?: NameOptions,
  ): Promise<{ [K in keyof B]: SettledBranch<Awaiteds<B>[K]> }>;
  /** Waits for a person with the right; denial is a `gate.denied` fault. */
  gate<T = unknown>(name: string, options?: GateOptions): Promise<GateAnswer<T>>;
  wait(name: string, how: { ms: number } | { untilMs: number }, options?: NameOptions): Promise<void>;
  signal<T = Json>(name: string, options?: SignalOptions): Promise<T>;
  workflow<I, O>(child: Workflow<I, O>, input: I, options?: ChildOptions): Promise<O>;
  workflow<O = Json>(child: string, input?: unknown, options?: ChildOptions): Promise<O>;
  /** Wall time, journaled. */
  now(name?: string, options?: NameOptions): Promise<number>;
  /** A number in [0, 1) that is the same at every replay. */
  random(name?: string, options?: NameOptions): Promise<number>;
  /** Ends this run and begins the next with this input; never returns. */
  continueAsNew(input: unknown): never;
}
