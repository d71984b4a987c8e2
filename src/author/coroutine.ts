/**
 * A coroutine: one incarnation of a workflow's code. It asks (requests), and is given results one at a
 * time (release). It knows nothing of journals; the driver stands between.
 *
 * C1  Requests are handed over in the order in which the code made them.
 * C2  The code sees a result only by `release`, and the driver lets all microtasks run between two.
 * C3  A name used twice in one scope without a key is a fault, thrown at the second use.
 * C4  What the code is given is its own copy: changing it changes no journal.
 * C5  A failure that nobody awaits harms nobody: promises of ours count as handled.
 * C6  Code that was stopped is told once; what it asks afterwards never comes (a loop that asks again
 *     at every failure would else spin for ever). Code that was abandoned is not told at all.
 * C7  Code is never given what is left of an erased payload, nor told: it might take a failure for news and act on it,
 *     where in truth a result was there. The run ends instead.
 */
import {
  copyJson,
  dataToFault,
  Fault,
  type FaultData,
  faultToData,
  isOf,
  type Json,
  toFault,
  toJson,
} from '../base/index.ts';
import { erasedData, erasedFault, holdsErased, type Input, type Outcome, type StepAsk } from '../model/index.ts';
import { ContinueAsNew } from './continue.ts';
import { createRun } from './create-run.ts';
import { checkInput } from './input.ts';
import { schemaJson } from './schema-json.ts';
import { parseWith, type Schema } from './skill.ts';
import type { AnyWorkflow } from './workflow.ts';

export type CodeRequest = Extract<Input, { in: 'asked' | 'branch' | 'turned' | 'returned' }>;

export interface Opened {
  turn: number;
  data?: Json;
  done?: string[];
}

/** What the code waits for. */
interface Waiter extends PromiseWithResolvers<unknown> {
  open: ((opened: Opened) => void) | undefined;
  fn: (() => unknown) | undefined;
  output: Schema | undefined;
}

/** Between two breaths a loop may turn this often: bounds what waits to be written. */
export const TURNS_A_BREATH = 256;

export interface Coroutine {
  /** What the code asked since the last take. */
  take(): CodeRequest[] | undefined;
  /** False: the code has not asked for it yet, and will be given it when it does. */
  release(step: string, out: Outcome, data: Json | undefined, fault: FaultData | undefined): boolean;
  open(step: string, opened: Opened): void;
  /** The local function of a code step. */
  codeOf(step: string): (() => unknown) | undefined;
  /** Checks an answer against the step's schema. */
  check(step: string, output: Json | undefined): FaultData | undefined;
  /** JSON Schema of the answer that the code wants. */
  schemaOf(step: string): Json | undefined;
  /** What has been taken is on its way: loops may turn on. */
  breathe(): void;
  /** Every wait of the code fails with this; nothing it asks afterwards is heard or answered (C6). */
  stop(reason: () => Fault): void;
  /** The run goes on elsewhere: nothing the code asks is heard, and it waits for ever. */
  abandon(): void;
  /** Ids asked in this incarnation outside loops; undefined when not kept. */
  readonly asked: ReadonlySet<string> | undefined;
  readonly waiting: number;
  /** There is something to take. */
  readonly pending: boolean;
}

/** What the run's face needs of its coroutine. */
export interface Asking {
  ask(
    ask: StepAsk,
    waiter?: { fn?: () => unknown; output?: Schema; open?: (opened: Opened) => void },
  ): Promise<unknown>;
  branch(request: Extract<CodeRequest, { in: 'branch' }>): void;
  /** Undefined when the loop may go on at once. */
  turned(step: string, turn: number, data: unknown, done: boolean): Promise<void> | undefined;
  loopFailed(step: string, fault: FaultData): void;
}

export interface CoroutineOptions {
  runId: string;
  workflow: AnyWorkflow;
  input: unknown;
  /** Keep the ids asked: a resumed run must know what its code no longer asks for. */
  resumed: boolean;
  /** The id that a step has in the journal, where an edit renamed it: one that was taken back asks by the former name. */
  presentId?: (step: string) => string;
  /** Called when there is something to take and there was nothing. */
  wake: () => void;
  /** The id of the next run, should the code continue as new. */
  nextRun: () => string;
}

export function startCoroutine(options: CoroutineOptions): Coroutine {
  return new CodeRun(options);
}

/** A class: there is one for every live run, and its parts must not cost a closure each. */
class CodeRun implements Coroutine, Asking {
  readonly asked: Set<string> | undefined;
  private readonly waiters = new Map<string, Waiter>();
  private requests: CodeRequest[] = [];
  private stopped = false;
  private breath: PromiseWithResolvers<void> | undefined;
  private turnsWaiting = 0;
  private readonly wake: () => void;
  private readonly presentId: ((step: string) => string) | undefined;

  constructor(options: CoroutineOptions) {
    this.asked = options.resumed ? new Set<string>() : undefined;
    this.wake = options.wake;
    this.presentId = options.presentId;
    void this.live(options);
  }

  get pending(): boolean {
    return this.requests.length > 0;
  }

  get waiting(): number {
    return this.waiters.size;
  }

  private async live({ runId, workflow, input, nextRun }: CoroutineOptions): Promise<void> {
    const end: Extract<CodeRequest, { in: 'returned' }> = { in: 'returned', unasked: [] };
    try {
      if (this.isGone(input)) throw erasedFault('the input of this run');
      const output = await workflow.fn!(createRun(runId, this), copyJson(input));
      const { output: schema } = workflow;
      end.data = toJson(schema === undefined ? output : parseOutput(schema, output));
    } catch (thrown) {
      try {
        if (!isOf(thrown, ContinueAsNew)) throw thrown;
        end.continueWith = { run: nextRun(), data: checkInput(workflow, thrown.input) };
      } catch (failed) {
        end.fault = faultToData(toFault(failed, 'workflow.threw'));
      }
    }
    this.push(end);
  }

  private push(request: CodeRequest): void {
    if (this.stopped) return;
    if (this.requests.length > 0) return void this.requests.push(request);
    // A list of one, as most are: the first push into an empty one makes room for seventeen.
    this.requests = [request];
    this.wake();
  }

  ask(ask: StepAsk, how?: Partial<Waiter>): Promise<unknown> {
    if (this.stopped) return never();
    if (this.asked !== undefined) this.remember(ask, this.asked);
    else if (ask.was !== undefined) {
      ask.former = ask.was;
      ask.was = ask.wasAlso = undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.waiters.set(ask.step, { promise, resolve, reject, open: how?.open, fn: how?.fn, output: how?.output });
    const last = this.requests.at(-1);
    if (last?.in === 'asked') last.asks.push(ask);
    else this.push({ in: 'asked', asks: [ask] });
    return promise;
  }

  /** A former id that the code still asks for itself is no former id; a new run has no former ids at all. */
  private remember(ask: StepAsk, asked: Set<string>): void {
    asked.add(ask.step);
    if (ask.wasAlso !== undefined && asked.has(ask.wasAlso)) delete ask.wasAlso;
    if (ask.was !== undefined && asked.has(ask.was)) {
      ask.was = ask.wasAlso;
      delete ask.wasAlso;
    }
    if (ask.was !== undefined || this.presentId === undefined) return;
    // Renamed by code that is not this code: it was taken back, or another worker still has it.
    const present = this.presentId(ask.step);
    if (present !== ask.step && !asked.has(present)) ask.was = present;
  }

  branch(request: Extract<CodeRequest, { in: 'branch' }>): void {
    this.push(request);
  }

  turned(step: string, turn: number, value: unknown, done: boolean): Promise<void> | undefined {
    if (this.stopped) return never();
    const data = toJson(value);
    const last = this.requests.at(-1);
    if (last?.in === 'turned' && last.step === step) {
      last.turns.push({ turn, data });
      if (done) last.done = true;
    } else {
      this.push({ in: 'turned', step, turns: [{ turn, data }], done: done ? true : undefined });
    }
    if (++this.turnsWaiting < TURNS_A_BREATH) return undefined;
    this.breath ??= Promise.withResolvers<void>();
    return this.breath.promise;
  }

  loopFailed(step: string, fault: FaultData): void {
    this.push({ in: 'turned', step, turns: [], fault });
  }

  take(): CodeRequest[] | undefined {
    if (this.requests.length === 0) return undefined;
    const taken = this.requests;
    this.requests = [];
    return taken;
  }

  release(step: string, out: Outcome, data: Json | undefined, fault: FaultData | undefined): boolean {
    const waiter = this.waiters.get(step);
    if (waiter === undefined) return false;
    if (this.isGone(data)) {
      this.endWithout(`the result of step '${step}'`);
      return true;
    }
    this.waiters.delete(step);
    if (out === 'ok') waiter.resolve(given(waiter, data));
    else
      reject(waiter, fault === undefined ? new Fault('step.failed', `step '${step}' was ${out}`) : dataToFault(fault));
    return true;
  }

  /** C7. Only a run that was taken up again may have to do without. */
  private isGone(data: unknown): boolean {
    return this.asked !== undefined && holdsErased(data);
  }

  private endWithout(what: string): void {
    this.push({ in: 'returned', fault: erasedData(what), unasked: [] });
    this.stopped = true;
    this.waiters.clear();
  }

  open(step: string, opened: Opened): void {
    if (this.isGone(opened.data)) return this.endWithout(`what loop '${step}' goes on with`);
    this.waiters.get(step)?.open?.({ ...opened, data: copyJson(opened.data) });
  }

  codeOf(step: string): (() => unknown) | undefined {
    return this.waiters.get(step)?.fn;
  }

  check(step: string, output: Json | undefined): FaultData | undefined {
    const schema = this.waiters.get(step)?.output;
    if (schema === undefined) return undefined;
    const { problem } = parseWith(schema, output);
    if (problem === undefined) return undefined;
    const message = `the answer to '${step}' does not fit its schema: ${problem}`;
    return { code: 'output.invalid', retry: 'elsewhere', message };
  }

  schemaOf(step: string): Json | undefined {
    const schema = this.waiters.get(step)?.output;
    return schema === undefined ? undefined : schemaJson(schema);
  }

  breathe(): void {
    if (this.turnsWaiting === 0) return;
    this.turnsWaiting = 0;
    this.breath?.resolve();
    this.breath = undefined;
  }

  stop(reason: () => Fault): void {
    if (this.stopped) return;
    const waiters = [...this.waiters.values()];
    this.abandon();
    if (waiters.length === 0) return;
    const fault = reason();
    for (const waiter of waiters) reject(waiter, fault);
  }

  abandon(): void {
    this.stopped = true;
    this.requests = [];
    this.waiters.clear();
  }
}

/** What a schema makes of the answer (defaults, transforms); the answer itself where it no longer fits. */
function given(waiter: Waiter, data: Json | undefined): unknown {
  const copy = copyJson(data);
  if (waiter.output === undefined) return copy;
  const parsed = parseWith(waiter.output, copy);
  return parsed.problem === undefined ? parsed.data : copy;
}

/** C5: the code may await it later, or never. */
function reject(waiter: Waiter, fault: Fault): void {
  waiter.promise.catch(() => {});
  waiter.reject(fault);
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function parseOutput(schema: Schema, output: unknown): unknown {
  const { data, problem } = parseWith(schema, output);
  if (problem === undefined) return data;
  throw new Fault('output.invalid', `what the workflow returned does not fit its output schema: ${problem}`, {
    retry: 'never',
  });
}
