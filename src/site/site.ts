/** A site: a store, a worker, agents and workflows, and the verbs that users and doors call. */
import { Fault, freshId, toJson } from '../base/index.ts';
import type { Chance, Clock, Json } from '../base/index.ts';
import { type AnyWorkflow, needsOf, type Workflow } from '../author/index.ts';
import type { decide } from '../flow/index.ts';
import type { Amounts, Input, Principal, RunOutcome, RunState } from '../model/index.ts';
import { presentId } from '../model/index.ts';
import type { Agent } from '../ports/agent/index.ts';
import { openStore, type Store } from '../ports/store/index.ts';
import { type AgentBook, createAgentBook } from './agents.ts';
import { createSecureChance, realClock } from './clock.ts';
import type { Erased, RetentionRule } from './audit/index.ts';
import { erasePayloads, type Erasing, retain } from './erase.ts';
import { forkAdmission, forkFlow, type ForkOptions, stateAt } from './fork.ts';
import { type OpenGate, openGates } from './gates.ts';
import { loadRun } from './load.ts';
import { admission, type Admission, checkInput, findFlow, planHash } from './admission.ts';
import { remember } from './recent.ts';
import { createWorker, type Durability, type Worker } from './worker.ts';

export const ENGINE = 'skein/1';

/** Who acts when nobody is named: the person at this machine, with every right. */
export const OPERATOR: Principal = { id: 'operator', rights: ['*'] };

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
  /** A site that only asks carries no run on. Default true. */
  works?: boolean;
  /** A resume folds at most about this many events beyond a snapshot. */
  snapshotEvents?: number;
  /** Other decisions: for the laboratory, which plants bugs in them. */
  decide?: typeof decide;
}

export interface StartOptions {
  /** The same id starts one run, however often it is said. */
  id?: string;
  by?: Principal;
  budget?: Amounts;
  deadlineMs?: number;
  labels?: string[];
  goal?: string;
  blockEffects?: boolean;
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

export interface GateWord {
  id?: string;
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
  readonly worker: Worker;
  start<I, O>(flow: Workflow<I, O>, input?: I, options?: StartOptions): Promise<RunHandle<O>>;
  start(flow: string, input?: unknown, options?: StartOptions): Promise<RunHandle>;
  handle<O = Json>(run: string): RunHandle<O>;
  state(run: string): Promise<RunState>;
  /** What the run waits for a person to say. */
  gates(run: string): Promise<OpenGate[]>;
  signal(run: string, name: string, data?: unknown, options?: { id?: string; by?: Principal }): Promise<void>;
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
  /** A new run that begins with what this one had settled; effects are blocked in it unless allowed. */
  fork<O = Json>(run: string, options?: ForkOptions): Promise<RunHandle<O>>;
  cancel(run: string, reason: string, by?: Principal): Promise<void>;
  /** Erases payloads (of these events, or all of a run that is over); the journal says so. Returns how many were there. */
  erase(run: string, which: readonly number[] | 'payloads', word: { by?: Principal; reason: string }): Promise<number>;
  /** Erases payloads older than the rule allows. */
  retain(rule: RetentionRule): Promise<Erased[]>;
  /** Drains, then stops. Runs are given up, for others or for the next start. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

/** A result that no commit of ours announces is looked for this often. */
const FOLLOW_MS = 100;
const LOOK_AGAIN_MS = 10;
/** How long to wait for a step to come to a person, where the caller names no time. */
const UNTIL_ASKED_MS = 60_000;
export const DEFAULT_EVICT_MS = 60_000;

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const clock = options.clock ?? realClock;
  const chance = options.chance ?? createSecureChance();
  const own = options.store === undefined || typeof options.store === 'string';
  const store = own ? await openStore((options.store as string | undefined) ?? 'memory:') : (options.store as Store);
  const agents = createAgentBook(options.agents);
  const workflows = new Map<string, AnyWorkflow>();
  for (const flow of options.workflows ?? []) workflows.set(needsOf(flow), flow);
  const functions = new Map(Object.entries(options.functions ?? {}));
  const name = options.worker ?? freshId('w', clock.nowMs(), chance);
  const waiters = new Map<string, Set<(state?: RunState) => void>>();
  const recent = new Map<string, RunState>();
  const membership = await store.join(name);
  let stopped = false;

  const worker = createWorker({
    name,
    store,
    membership,
    clock,
    chance,
    agents,
    workflows: options.works === false ? new Map() : workflows,
    functions,
    durability: options.durability ?? 'due',
    evictAfterMs: options.evictAfterMs ?? DEFAULT_EVICT_MS,
    engine: ENGINE,
    snapshotEvents: options.snapshotEvents,
    decide: options.decide,
    onMoved(host) {
      const waiting = waiters.get(host.run);
      if (!host.ended && !host.gone) return;
      // The state is the proof only when its end was committed here.
      const state = host.endKept ? host.state : undefined;
      if (waiting === undefined) {
        if (state !== undefined) remember(recent, host.run, state);
      } else {
        for (const call of waiting) call(state);
      }
    },
    onTrouble: options.onTrouble ?? (() => {}),
  });
  worker.start();

  async function start(
    which: AnyWorkflow | string,
    input?: unknown,
    how: StartOptions = {},
  ): Promise<RunHandle<never>> {
    const flow = typeof which === 'string' ? findByName(which) : which;
    if (!workflows.has(needsOf(flow))) workflows.set(needsOf(flow), flow);
    const run = how.id ?? freshId('r', clock.nowMs(), chance);
    const data = checkInput(flow, input);
    const nowMs = clock.nowMs();
    const admit: Extract<Input, { in: 'admit' }> = {
      in: 'admit',
      run,
      workflow: flow.name,
      version: flow.version,
      by: how.by ?? OPERATOR,
      seed: chance.hex(8),
      engine: ENGINE,
      goal: how.goal,
      plan: flow.plan === undefined ? undefined : { hash: planHash(flow), plan: flow.plan },
      budget: how.budget ?? flow.budget,
      deadlineMs: how.deadlineMs ?? (flow.deadlineMs === undefined ? undefined : nowMs + flow.deadlineMs),
      labels: how.labels ?? flow.labels,
      blockEffects: how.blockEffects,
      data,
    };
    await admitOnce(admission(admit, flow, nowMs), how.id);
    return handle(run);
  }

  /** A run whose id the caller chose may be there already: then it is the same one. */
  async function admitOnce(made: Admission, chosen: string | undefined): Promise<void> {
    // A start said twice must not work its first steps twice.
    if (chosen !== undefined && (await store.info(chosen)) !== null) return;
    try {
      await worker.admit(options.works === false ? { ...made, flow: undefined } : made);
    } catch (thrown) {
      if (chosen === undefined || !(thrown instanceof Fault) || thrown.code !== 'conflict') throw thrown;
    }
  }

  function findByName(name: string): AnyWorkflow {
    const [plain, version] = name.split('@') as [string, string | undefined];
    const flow = findFlow(workflows, plain, version);
    if (flow !== undefined) return flow;
    throw new Fault(
      'workflow.unknown',
      `no workflow '${name}' is known here; there are: ${[...workflows.keys()].join(', ') || 'none'}`,
    );
  }

  function handle<O>(run: string): RunHandle<O> {
    const result = async (how: { signal?: AbortSignal } = {}): Promise<RunResult<O>> => {
      const state = (await ended(run, how.signal)) ?? (await loadRun(store, run)).state;
      if (state.outcome === 'continued' && state.next !== undefined) return handle<O>(state.next).result(how);
      return { run, outcome: state.outcome!, output: state.output as O, fault: state.fault, spent: state.budget.spent };
    };
    return {
      run,
      result,
      untilAsked: (step, how = {}) => untilAsked(run, step, how),
      async output(how) {
        const done = await result(how);
        if (done.outcome === 'completed') return done.output as O;
        throw new Fault(
          done.fault?.code ?? 'step.failed',
          done.fault?.message ?? `run ${done.run} was ${done.outcome}`,
          { detail: done.fault?.detail, cause: done.fault?.cause },
        );
      },
    };
  }

  /** Until the run's end is on disk, here or at another worker; its state, when it ended here. */
  async function ended(run: string, signal: AbortSignal | undefined): Promise<RunState | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      if (stopped) throw new Fault('site.stopped', 'the site has stopped');
      const ended = recent.get(run);
      if (ended !== undefined) return ended;
      const here = worker.hosts.has(run);
      if (!here) {
        const info = await store.info(run);
        if (info === null) throw new Fault('not-found', `there is no run ${run}`);
        if (info.status === 'ended') return undefined;
      }
      const state = await moved(run, here, signal);
      if (state !== undefined) return state;
    }
  }

  function moved(run: string, here: boolean, signal: AbortSignal | undefined): Promise<RunState | undefined> {
    return new Promise((resolve) => {
      let waiting = waiters.get(run);
      if (waiting === undefined) {
        waiting = new Set();
        waiters.set(run, waiting);
      }
      const cancel = here ? undefined : clock.after(FOLLOW_MS, () => done());
      const aborted = signal === undefined ? undefined : (): void => done();
      if (aborted !== undefined) signal?.addEventListener('abort', aborted, { once: true });
      const done = (state?: RunState): void => {
        cancel?.();
        if (aborted !== undefined) signal?.removeEventListener('abort', aborted);
        waiting.delete(done);
        if (waiting.size === 0) waiters.delete(run);
        resolve(state);
      };
      waiting.add(done);
    });
  }

  async function send(run: string, id: string, body: Input): Promise<void> {
    if ((await store.info(run)) === null) throw new Fault('not-found', `there is no run ${run}`);
    await store.post([{ to: run, id, dueMs: 0, body: JSON.stringify(body) }]);
    await worker.look();
  }

  /** Resolves when the step waits for a person. */
  async function untilAsked(
    run: string,
    step: string,
    how: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<OpenGate> {
    const until = clock.monotonicMs() + (how.timeoutMs ?? UNTIL_ASKED_MS);
    for (;;) {
      how.signal?.throwIfAborted();
      const { state } = await loadRun(store, run);
      const gate = openGates(state).find((one) => one.step === step);
      if (gate !== undefined) return gate;
      if (state.phase === 'ended') throw new Fault('conflict', `run ${run} has ended: ${state.outcome}`);
      if (clock.monotonicMs() >= until)
        throw new Fault('step.timeout', `'${step}' did not come to wait for a person`, { retry: 'same' });
      await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
    }
  }
  const erasing: Erasing = {
    store,
    membership,
    clock,
    chance,
    ask(run, seqs, { by, reason }) {
      const letter = `erase:${freshId('e', clock.nowMs(), chance)}`;
      return send(run, letter, { in: 'erase', seqs, by, reason, letter });
    },
  };

  function answerGate(choice: 'approve' | 'edit' | 'deny') {
    return async (run: string, step: string, word: GateWord = {}): Promise<void> => {
      const id = word.id ?? freshId('g', clock.nowMs(), chance);
      const { state } = await loadRun(store, run);
      if (state.phase === 'new') throw new Fault('not-found', `there is no run ${run}`);
      // Said twice, it counts once.
      if (state.heard.has(id)) return;
      const gates = openGates(state);
      if (!gates.some((gate) => gate.step === presentId(state, step))) {
        const others = gates.map((gate) => `'${gate.step}'`).join(', ') || 'nothing';
        throw new Fault('conflict', `'${step}' of run ${run} waits for no answer now; waiting: ${others}`, {
          detail: { gates },
        });
      }
      const asked = state.steps.get(step)?.attempts?.find((a) => a.status === 'unknown')?.n;
      return send(run, `gate:${id}`, {
        in: 'gate',
        step,
        id,
        choice,
        attempt: word.attempt === undefined ? asked : (word.attempt ?? undefined),
        by: word.by ?? OPERATOR,
        reason: word.reason,
        data: toJson(word.value),
        letter: '',
      });
    };
  }

  return {
    store,
    agents,
    worker,
    start: start as unknown as Site['start'],
    handle,
    state: async (run) => (await loadRun(store, run)).state,
    gates: async (run) => openGates((await loadRun(store, run)).state),
    signal(run, signal, data, how = {}) {
      const id = how.id ?? freshId('s', clock.nowMs(), chance);
      return send(run, `signal:${id}`, {
        in: 'signal',
        signal,
        id,
        by: how.by ?? OPERATOR,
        data: toJson(data),
        letter: '',
      });
    },
    approve: answerGate('approve'),
    edit: (run, step, value, word) => answerGate('edit')(run, step, { ...word, value }),
    deny: answerGate('deny'),
    resolveDrift(run, step, choice, by = OPERATOR, { allowEffects } = {}) {
      const id = `drift:${step}:${freshId('d', clock.nowMs(), chance)}`;
      return send(run, id, { in: 'drift', step, choice, by, allowEffects, letter: '' });
    },
    async fork<O>(from: string, how: ForkOptions = {}) {
      const state = await stateAt(store, from, how);
      const flow = forkFlow(workflows, state, how.workflow);
      workflows.set(needsOf(flow), flow);
      const input = how.input === undefined ? undefined : checkInput(flow, how.input);
      const id = how.id ?? freshId('r', clock.nowMs(), chance);
      const by = how.by ?? OPERATOR;
      await admitOnce(forkAdmission(state, { ...how, by, id, flow, input, engine: ENGINE, clock }), how.id);
      return handle<O>(id);
    },
    cancel: (run, reason, by = OPERATOR) =>
      send(run, `cancel:${freshId('c', clock.nowMs(), chance)}`, { in: 'cancel', by, reason, why: 'asked' }),
    erase: (run, which, word) => erasePayloads(erasing, run, which, { by: OPERATOR, ...word }),
    retain: (rule) => retain(erasing, rule),
    async stop(how = {}) {
      if (stopped) return;
      await worker.stop(how.graceMs ?? 5_000);
      stopped = true;
      for (const waiting of waiters.values()) for (const call of waiting) call();
      for (const agent of agents.list()) await agent.close?.();
      if (own) await store.close();
    },
  };
}
