/**
 * A coroutine: one incarnation of a workflow's code. It asks (requests), and is given results one at a
 * time (release). It knows nothing of journals; the driver stands between.
 *
 * C1  Requests are handed over in the order in which the code made them.
 * C2  The code sees a result only by `release`, and the driver lets all microtasks run between two.
 * C3  A name used twice in one scope without a key is a fault, thrown at the second use.
 */
import { dataToFault, Fault, type FaultData, faultToData, type Json, toFault, toJson } from '../base/index.ts';
import type { Input, Outcome, StepAsk } from '../model/index.ts';
import { ContinueAsNew } from './continue.ts';
import { createRun } from './create-run.ts';
import type { Run } from './run.ts';
import { problems, type Schema } from './skill.ts';
import type { Workflow } from './workflow.ts';

export type CodeRequest = Extract<Input, { in: 'asked' | 'branch' | 'turned' | 'returned' }>;

export interface Opened {
  turn: number;
  data?: Json;
  done?: string[];
}

/** What the code waits for. */
interface Waiter {
  resolve(value: unknown): void;
  reject(fault: unknown): void;
  open?: (opened: Opened) => void;
  fn?: () => unknown;
  output?: Schema;
}

/** Between two breaths a loop may turn this often: bounds what waits to be written. */
export const TURNS_A_BREATH = 256;

export interface Coroutine {
  /** What the code asked since the last take. */
  take(): CodeRequest[];
  release(step: string, out: Outcome, data: Json | undefined, fault: FaultData | undefined): void;
  open(step: string, opened: Opened): void;
  /** The local function of a code step. */
  codeOf(step: string): (() => unknown) | undefined;
  /** Checks an answer against the step's schema. */
  check(step: string, output: Json | undefined): FaultData | undefined;
  /** What has been taken is on its way: loops may turn on. */
  breathe(): void;
  /** Every wait of the code fails with this; nothing it asks afterwards is heard. */
  stop(fault: Fault): void;
  /** Ids asked in this incarnation outside loops; undefined when not kept. */
  readonly asked: ReadonlySet<string> | undefined;
  readonly waiting: number;
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
  workflow: Workflow<never, unknown>;
  input: unknown;
  /** Keep the ids asked: a resumed run must know what its code no longer asks for. */
  resumed: boolean;
  /** Called when there is something to take and there was nothing. */
  wake: () => void;
  /** The id of the next run, should the code continue as new. */
  nextRun: () => string;
}

export function startCoroutine(options: CoroutineOptions): Coroutine {
  const waiters = new Map<string, Waiter>();
  const asked = options.resumed ? new Set<string>() : undefined;
  let requests: CodeRequest[] = [];
  let stopped: Fault | undefined;
  let breath: { promise: Promise<void>; resolve: () => void } | undefined;
  let turnsWaiting = 0;

  function push(request: CodeRequest): void {
    if (stopped !== undefined) return;
    requests.push(request);
    if (requests.length === 1) options.wake();
  }

  const asking: Asking = {
    ask(ask, waiter) {
      if (stopped !== undefined) return Promise.reject(stopped);
      asked?.add(ask.step);
      return new Promise((resolve, reject) => {
        waiters.set(ask.step, { resolve, reject, ...waiter });
        const last = requests.at(-1);
        if (last?.in === 'asked') last.asks.push(ask);
        else push({ in: 'asked', asks: [ask] });
      });
    },
    branch: push,
    turned(step, turn, value, done) {
      if (stopped !== undefined) return Promise.reject(stopped);
      const data = toJson(value);
      const last = requests.at(-1);
      if (last?.in === 'turned' && last.step === step) {
        last.turns.push({ turn, data });
        if (done) last.done = true;
      } else {
        push({ in: 'turned', step, turns: [{ turn, data }], done: done ? true : undefined });
      }
      if (++turnsWaiting < TURNS_A_BREATH) return undefined;
      if (breath === undefined) {
        let resolve = () => {};
        const promise = new Promise<void>((r) => (resolve = r));
        breath = { promise, resolve };
      }
      return breath.promise;
    },
    loopFailed(step, fault) {
      push({ in: 'turned', step, turns: [], fault });
    },
  };

  async function live(): Promise<void> {
    let end: Extract<CodeRequest, { in: 'returned' }> = { in: 'returned', unasked: [] };
    try {
      const run: Run = createRun(options.runId, asking);
      const output = await options.workflow.fn!(run, options.input as never);
      const { output: schema } = options.workflow;
      end.data = toJson(schema === undefined ? output : parseOutput(schema, output));
    } catch (thrown) {
      if (thrown instanceof ContinueAsNew) end.continueWith = { run: options.nextRun(), data: thrown.input };
      else end = { ...end, fault: faultToData(toFault(thrown, 'workflow.threw')) };
    }
    push(end);
  }
  void live();

  return {
    asked,
    get waiting() {
      return waiters.size;
    },
    take() {
      const taken = requests;
      requests = [];
      return taken;
    },
    release(step, out, data, fault) {
      const waiter = waiters.get(step);
      if (waiter === undefined) return;
      waiters.delete(step);
      if (out === 'ok') waiter.resolve(data);
      else
        waiter.reject(fault === undefined ? new Fault('step.failed', `step '${step}' was ${out}`) : dataToFault(fault));
    },
    open(step, opened) {
      waiters.get(step)?.open?.(opened);
    },
    codeOf: (step) => waiters.get(step)?.fn,
    check(step, output) {
      const schema = waiters.get(step)?.output;
      if (schema === undefined) return undefined;
      const parsed = schema.safeParse(output);
      if (parsed.success) return undefined;
      return {
        code: 'output.invalid',
        retry: 'elsewhere',
        message: `the answer to '${step}' does not fit its schema: ${problems(parsed.error)}`,
      };
    },
    breathe() {
      if (turnsWaiting === 0) return;
      turnsWaiting = 0;
      breath?.resolve();
      breath = undefined;
    },
    stop(fault) {
      if (stopped !== undefined) return;
      stopped = fault;
      requests = [];
      for (const waiter of waiters.values()) waiter.reject(fault);
      waiters.clear();
      breath?.resolve();
    },
  };
}

function parseOutput(schema: Schema, output: unknown): unknown {
  const parsed = schema.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new Fault(
    'output.invalid',
    `what the workflow returned does not fit its output schema: ${problems(parsed.error)}`,
    { retry: 'never' },
  );
}
