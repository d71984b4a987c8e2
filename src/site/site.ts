/** A site: a store, a worker, agents and workflows, and the verbs that users and doors call. */
import { checkId, dataToFault, Fault, freshId, toFault } from '../base/index.ts';
import { type AnyWorkflow, checkInput, needsOf } from '../author/index.ts';
import { redoDoubt } from '../flow/index.ts';
import { checkedAmounts, type Input, type Principal } from '../model/index.ts';
import { openStore, type Store } from '../ports/store/index.ts';
import { admission, type Admission, findFlow, isThere, planHash } from './admission.ts';
import { type AgentBook, createAgentBook } from './agents.ts';
import { createSecureChance, realClock } from './clock.ts';
import { erasePayloads, type Erasing, retain } from './erase.ts';
import type { RunHandle, RunResult, Site, SiteOptions, StartOptions } from './face.ts';
import { createFollower } from './follow.ts';
import { forkAdmission, forkFlow, type ForkOptions, mustBeFork, mustHaveSteps, stateAt } from './fork.ts';
import { type OpenGate, openGates } from './gates.ts';
import {
  admitLoad,
  type Cascade,
  createBulkheads,
  createHealth,
  lastTries,
  MAX_OPEN_RUNS,
  RECALL_RECORDS,
  roundOf,
} from './health/index.ts';
import { loadRun } from './load.ts';
import { listRuns } from './runs.ts';
import { type Watched, type WatchOptions, watchRun } from './watch.ts';
import { type SiteWatched, watchSite, type WatchSiteOptions } from './watch-site.ts';
import { checkSiteOptions, checkStart, mustBeWorkflow } from './options.ts';
import { createPieces } from './pieces.ts';
import { createCures, createFacts, keepFacts } from './facts/index.ts';
import { createTrustBook, judgeTries, watching } from './trust/index.ts';
import { checkedVerbs, checkUntil } from './verbs.ts';
import { setUpV8 } from './v8.ts';
import { within } from './within.ts';
import { createWords } from './words.ts';
import { openTracing, readTraceparent } from './telemetry/index.ts';
import { createPulse } from './pulse.ts';
import { heardByLetter, tellByLetter } from './pushes.ts';
import { checkRetention, createRetention } from './retention.ts';
import { createRouter } from './route/index.ts';
import { createDesk, lentAsk, modelTurns, shelvedTurns, takesTurns } from './turns/index.ts';
import { createWorker, type Worker } from './worker.ts';

export type { GateWord, RunHandle, RunResult, Site, SiteOptions, StartOptions } from './face.ts';

export const ENGINE = 'skein/2';

/** Who acts when nobody is named: the person at this machine, with every right. */
export const OPERATOR: Principal = { id: 'operator', rights: ['*'] };

const LOOK_AGAIN_MS = 10;
/** How long to wait for a step to come to a person, where the caller names no time. */
const UNTIL_ASKED_MS = 60_000;
/** A store in trouble does not hold up a stop for what journals know anyway. */
const KEEP_AT_STOP_MS = 1_000;
export const DEFAULT_EVICT_MS = 60_000;

/** Workflows that only agents start. */
const OF_AGENTS: ReadonlySet<AnyWorkflow> = new Set<AnyWorkflow>([modelTurns, shelvedTurns, lentAsk]);

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  checkSiteOptions(options);
  if (options.retention !== undefined) checkRetention(options.retention);
  setUpV8();
  const clock = options.clock ?? realClock;
  const chance = options.chance ?? createSecureChance();
  const own = options.store === undefined || typeof options.store === 'string';
  const store = own ? await openStore((options.store as string | undefined) ?? 'memory:') : (options.store as Store);
  const workflows = new Map<string, AnyWorkflow>();
  for (const flow of options.workflows ?? []) workflows.set(needsOf(flow), flow);
  const pieces = createPieces();
  const lent: { site?: Site } = {};
  const desk = createDesk(
    () => agents,
    () => lent.site!,
    options.routing?.embedder,
  );
  const agents: AgentBook = createAgentBook(options.agents, (agent) => {
    if (takesTurns(agent)) for (const flow of [modelTurns, shelvedTurns]) workflows.set(needsOf(flow), flow);
    if (agent.borrows === true) workflows.set(needsOf(lentAsk), lentAsk);
    agent.bind?.(desk);
  });
  const functions = new Map(Object.entries(options.functions ?? {}));
  const name = options.worker ?? freshId('w', clock.nowMs(), chance);
  const pulse = createPulse(clock);
  const membership = pulse.member(await store.join(name));
  const onTrouble = options.onTrouble ?? (() => {});
  const facts = createFacts();
  const trust = createTrustBook({ store, membership, clock, chance });
  trust.onChange(() => agents.believe((skill) => trust.figures(skill)));
  await trust.refresh();
  trust.onOutcome((id, row) => judgeTries(facts, id, row, clock.nowMs()));
  const cures = createCures(facts);
  const bulkheads = createBulkheads(clock);
  const router = createRouter({
    ...options.routing,
    agents,
    facts,
    cures,
    places: bulkheads,
    clock,
    onTrouble: (fault) => onTrouble(undefined, fault),
  });
  const keeping = keepFacts({ facts, store, membership, clock, chance, onTrouble, beside: () => trust.refresh() });
  if (options.keepFacts !== false) await keeping.start();
  const health =
    options.health === false
      ? undefined
      : createHealth({ ...options.health, agents, facts, clock, onCascade: tellCascade });
  const tracing = await openTracing({
    store,
    env: options.telemetry ?? process.env,
    onTrouble: (fault) => onTrouble(undefined, fault),
  });
  function tellCascade({ skill, circle }: Cascade, left: string): void {
    const message = `failures at '${skill}' keep themselves going: ${roundOf({ circle })}; '${left}' is left in peace for a while`;
    onTrouble(undefined, new Fault('overloaded', message, { detail: { skill, circle, left } }));
  }
  let stopped = false;
  let stopping = false;

  const follower = createFollower({ store, clock, isHere: (run) => worker.hosts.has(run) });
  const worker: Worker = createWorker({
    name,
    store,
    membership,
    clock,
    chance,
    agents,
    facts,
    health,
    bulkheads,
    router,
    pieces,
    traces: tracing.contexts,
    workflows: options.works === false ? new Map() : workflows,
    functions,
    durability: options.durability ?? 'due',
    evictAfterMs: options.evictAfterMs ?? DEFAULT_EVICT_MS,
    engine: ENGINE,
    snapshotEvents: options.snapshotEvents,
    decide: cures.learning(watching(trust, pulse.decide(options.decide))),
    onMoved(host) {
      follower.moved(host);
      tracing.moved(host);
    },
    onTimer: (id) => heardByLetter(options.pushes, id),
    onTrouble,
  });
  options.pushes?.reach(tellByLetter(store, name));
  worker.start();
  // Beside the work, which does not wait for it. A site that keeps nothing begins from nothing.
  const recalled =
    health === undefined || options.works === false || options.keepFacts === false
      ? Promise.resolve()
      : health
          .recall((take) => lastTries(store, take, { records: RECALL_RECORDS, until: () => stopping }))
          .catch((thrown: unknown) => {
            if (!stopping) onTrouble(undefined, toFault(thrown, 'store.unreachable'));
          });

  async function start(
    which: AnyWorkflow | string,
    input?: unknown,
    how: StartOptions = {},
  ): Promise<RunHandle<never>> {
    const flow = typeof which === 'string' ? findByName(which) : which;
    mustBeWorkflow(flow);
    checkStart(flow, how);
    if (!workflows.has(needsOf(flow))) workflows.set(needsOf(flow), flow);
    if (how.id !== undefined) checkId(how.id, 'a run');
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
      budget: checkedAmounts(how.budget ?? flow.budget, 'budget'),
      deadlineMs: how.deadlineMs ?? (flow.deadlineMs === undefined ? undefined : nowMs + flow.deadlineMs),
      labels: how.labels ?? flow.labels,
      prefer: how.prefer,
      blockEffects: how.blockEffects,
      traceparent: readTraceparent(how.traceparent) === undefined ? undefined : how.traceparent,
      data,
    };
    const restoredMs = how.mayHaveRun === true ? nowMs : undefined;
    await admitOnce({ ...admission(admit, flow, nowMs, how.door), restoredMs }, how.id, () =>
      admitLoad(worker.hosts.size, options.maxOpenRuns ?? MAX_OPEN_RUNS, how.priority ?? 'normal'),
    );
    return handle(run);
  }

  /** A run whose id the caller chose may be there already: then it is the same one. */
  async function admitOnce(made: Admission, chosen: string | undefined, needsPlace = (): void => {}): Promise<void> {
    // A start said twice must not work its first steps twice, nor does it ask for a place.
    if (chosen !== undefined && (await isThere(store, chosen, made.input.workflow))) return;
    if (chosen === undefined || !worker.hosts.has(chosen)) needsPlace();
    try {
      await worker.admit(options.works === false ? { ...made, flow: undefined } : made);
    } catch (thrown) {
      if (chosen === undefined || !(thrown instanceof Fault) || thrown.code !== 'conflict') throw thrown;
      await isThere(store, chosen, made.input.workflow);
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
      const state = (await follower.ended(run, how.signal)) ?? (await loadRun(store, run)).state;
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

  const words = createWords({ store, clock, chance, worker, operator: OPERATOR });

  /** Resolves when the step waits for a person. */
  async function untilAsked(
    run: string,
    step: string,
    how: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<OpenGate> {
    checkUntil(step, how);
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
      return words.send(run, letter, { in: 'erase', seqs, by, reason, letter });
    },
  };

  const retention =
    options.retention === undefined || options.works === false
      ? undefined
      : createRetention({ ...options.retention, erasing, clock, chance, onTrouble });
  retention?.start();

  function watch(run: string, how?: WatchOptions): AsyncIterable<Watched>;
  function watch(how?: WatchSiteOptions): AsyncIterable<SiteWatched>;
  function watch(what: string | WatchSiteOptions = {}, how: WatchOptions = {}): AsyncIterable<Watched> {
    return typeof what === 'string' ? watchRun(store, follower, what, how) : watchSite(store, follower, what);
  }

  const site: Site = {
    store,
    agents,
    facts,
    trust,
    health,
    pulse,
    worker,
    // Those of its own are for its agents.
    workflows: () => [...workflows.values()].filter((flow) => !OF_AGENTS.has(flow)),
    start,
    handle,
    state: async (run) => (await loadRun(store, run)).state,
    listen: (run, heard) => pieces.listen(run, heard),
    watch,
    runs: (how) => listRuns(store, how),
    gates: async (run) => openGates((await loadRun(store, run)).state),
    signal: words.signal,
    approve: (run, step, word) => words.answer('approve', run, step, word),
    edit: (run, step, value, word) => words.answer('edit', run, step, { ...word, value }),
    deny: (run, step, word) => words.answer('deny', run, step, word),
    async resolveDrift(run, step, choice, by = OPERATOR, { allowEffects } = {}) {
      // The run refuses it too; said here, whoever asks hears of it.
      const asked = choice === 'redo' ? (await loadRun(store, run)).state : undefined;
      const doubt = asked === undefined ? undefined : redoDoubt(asked, step);
      if (doubt !== undefined) throw dataToFault(doubt);
      const id = `drift:${step}:${freshId('d', clock.nowMs(), chance)}`;
      return words.send(run, id, { in: 'drift', step, choice, by, allowEffects, letter: '' });
    },
    async replan(run, flow, by = OPERATOR) {
      const { state } = await loadRun(store, run);
      if (state.phase === 'new') throw new Fault('not-found', `there is no run ${run}`);
      if (state.phase !== 'running') throw new Fault('conflict', `run ${run} has ended or is ending`);
      if (state.plan === undefined || flow.plan === undefined)
        throw new Fault(
          'input.invalid',
          `run ${run} and its new plan must be workflows as data: code changes by itself`,
        );
      if (flow.name !== state.workflow)
        throw new Fault('input.invalid', `run ${run} is of '${state.workflow}', and the new plan is of '${flow.name}'`);
      const hash = planHash(flow);
      return words.say(run, `replan:${hash}`, { in: 'replan', plan: { hash, plan: flow.plan }, by, letter: '' });
    },
    async fork<O>(from: string, how: ForkOptions = {}) {
      const state = await stateAt(store, from, how);
      const flow = forkFlow(workflows, state, how.workflow);
      workflows.set(needsOf(flow), flow);
      const input = how.input === undefined ? undefined : checkInput(flow, how.input);
      mustHaveSteps(state, how.redo ?? []);
      if (how.id !== undefined) checkId(how.id, 'a run');
      const id = how.id ?? freshId('r', clock.nowMs(), chance);
      const by = how.by ?? OPERATOR;
      const made = forkAdmission(state, { ...how, by, id, flow, input, engine: ENGINE, clock });
      await admitOnce(made, how.id);
      if (how.id !== undefined) await mustBeFork(store, made.input);
      return handle<O>(id);
    },
    async cancel(run, reason, by = OPERATOR) {
      const id = freshId('c', clock.nowMs(), chance);
      const to = await words.presentRun(run, id);
      if (to !== undefined) await words.say(to, `cancel:${id}`, { in: 'cancel', by, reason, why: 'asked' });
    },
    erase: (run, which, word) => erasePayloads(erasing, run, which, { by: OPERATOR, ...word }),
    retain: (rule) => retain(erasing, rule),
    async stop(how = {}) {
      if (stopped) return;
      stopping = true;
      if (options.keepFacts !== false) await within(clock, keeping.stop(), KEEP_AT_STOP_MS);
      if (retention !== undefined) await within(clock, retention.stop(), KEEP_AT_STOP_MS);
      await worker.stop(how.graceMs ?? 5_000);
      await within(clock, recalled, KEEP_AT_STOP_MS);
      health?.stop();
      stopped = true;
      follower.stop();
      await tracing.stop();
      for (const agent of agents.list()) await agent.close?.();
      if (own) await store.close();
    },
  };
  lent.site = checkedVerbs(site);
  return lent.site;
}
