/**
 * A worker: holds runs, lets their inputs in, their decisions out, and looks for runs that nobody
 * alive holds. One loop: passes, each a macrotask, each giving every ready run a turn.
 */
import {
  type Backoff,
  backoffMs,
  type Chance,
  type Clock,
  Fault,
  faultToData,
  hashText,
  toFault,
} from '../base/index.ts';
import { startCoroutine } from '../author/index.ts';
import type { AnyWorkflow } from '../author/index.ts';
import { decide } from '../flow/index.ts';
import {
  chainStart,
  type Command,
  type CommandOf,
  type Input,
  JOURNAL_FORMAT,
  newRunState,
  stateToText,
  timerLetter,
} from '../model/index.ts';
import type { Delivered, Membership, Store, StreamInfo } from '../ports/store/index.ts';
import type { AgentBook } from './agents.ts';
import { admission, type Admission, findFlow, nextRunId, planHash } from './admission.ts';
import { createCommitter, type Committer, SNAPSHOT_EVENTS } from './committer.ts';
import { forkAdmission, forkFlow, stateAt } from './fork.ts';
import {
  buffer,
  dropHost,
  type Flight,
  type Host,
  isIdle,
  isParked,
  newHost,
  releaseNext,
  takeLetter,
} from './host.ts';
import { loadRun } from './load.ts';
import { askAgent, type Performing, type Ran, ranLater, reconcile, runAtOnce, runCode, undo } from './perform.ts';
import { guardStrays, inRun } from './stray.ts';

/** A pass gives up the thread after this long, so that a busy run does not starve its neighbours. */
export const SLICE_MS = 2;
export const LETTERS_AT_ONCE = 500;
export const CLAIMS_AT_ONCE = 1_000;
/** Looks for dead owners and due letters at least this often. */
export const LOOK_MS = 50;
/** A look at the store that failed is tried again after this. */
const AGAIN_MS = 200;
/** Code that waits for nothing of ours for this long is stuck. */
export const STUCK_MS = 30_000;
/** It is looked at this often in that time. */
const STUCK_LOOKS = 4;

/** A run that could not be taken up is tried again, ever less often. */
const TAKE_UP_AGAIN: Backoff = { firstMs: 100, factor: 2, maxMs: 60_000 };

export type Durability = 'due' | 'step';

export interface WorkerOptions {
  name: string;
  store: Store;
  membership: Membership;
  clock: Clock;
  chance: Chance;
  agents: AgentBook;
  workflows: ReadonlyMap<string, AnyWorkflow>;
  functions: ReadonlyMap<string, (input: never) => unknown>;
  durability: Durability;
  /** A parked run leaves memory after this long; 0 = at once, Infinity = never. */
  evictAfterMs: number;
  engine: string;
  snapshotEvents?: number;
  /** Other decisions: for the laboratory, which plants bugs in them. */
  decide?: typeof decide;
  /** The run's journal has moved (committed) or the run left this worker. */
  onMoved(host: Host): void;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

export interface Worker {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Makes the run and holds it. Resolves when it is on disk; a run of this id that exists is a `conflict`. */
  admit(admission: Admission): Promise<void>;
  /** Looks now for runs to carry on and letters to take. */
  look(): Promise<void>;
  post(run: string, input: Input): void;
  start(): void;
  stop(graceMs: number): Promise<void>;
  readonly trouble: Fault | undefined;
}

export function createWorker(options: WorkerOptions): Worker {
  const { clock, chance, membership, agents, store } = options;
  const decideWith = options.decide ?? decide;
  const hosts = new Map<string, Host>();
  const loading = new Set<string>();
  const parkedSince = new Map<Host, number>();
  const everyStep = options.durability === 'step';
  const admissions = new Map<Host, PromiseWithResolvers<void>>();
  let ready = new Set<Host>();
  let scheduled = false;
  let passes = 0;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  /** Looks one after another that found nothing new. */
  let vainLooks = 0;
  let stopLook: (() => void) | undefined;
  let lookAt = Infinity;
  let stopWatch: (() => void) | undefined;
  let stopGuard: (() => void) | undefined;
  let stuckLookAt = 0;
  let draining = false;
  let stopped = false;
  /** The store may count runs as ours that have no host here: a claim's answer was lost, or a host was. */
  let unsure = false;
  let lost = 0;
  /** Runs that could not be taken up, and when that is tried again. */
  const putOff = new Map<string, { untilMs: number; times: number }>();
  /** Letters taken while the store was asked for letters: its answer may still hold them. */
  let takenMeanwhile: [Host, string][] | undefined;

  const committer: Committer = createCommitter({
    membership,
    clock,
    chance,
    snapshotEvents: options.snapshotEvents ?? SNAPSHOT_EVENTS,
    onCommitted,
    onFailed: lose,
    firstHash: async (run) => (await store.read(run, { limit: 1 }))[0]?.hash,
    onTrouble: (fault) => options.onTrouble(undefined, fault),
  });
  const performing: Performing = { clock, agents, post: postTo };

  function postTo(host: Host, input: Input): void {
    if (host.gone) return;
    host.inbox.push(input);
    wake(host);
  }

  function wake(host: Host): void {
    ready.add(host);
    if (scheduled || stopped) return;
    scheduled = true;
    clock.soon(pass);
  }

  function pass(): void {
    scheduled = false;
    if (stopped) return;
    passes++;
    const began = clock.monotonicMs();
    const now = ready;
    ready = new Set();
    let late = false;
    for (const host of now) {
      if (late) {
        wake(host);
        continue;
      }
      work(host);
      if (clock.monotonicMs() - began > SLICE_MS) late = true;
    }
    committer.flush();
  }

  function work(host: Host): void {
    if (host.gone) return;
    parkedSince.delete(host);
    let asked = false;
    try {
      for (;;) {
        const requests = host.coroutine?.take();
        asked ||= requests !== undefined;
        if (requests !== undefined) for (const request of requests) handleRequest(host, request);
        host.coroutine?.breathe();
        const inputs = host.inbox;
        if (inputs.length === 0) break;
        host.inbox = [];
        for (const input of inputs) handle(host, input);
        if (host.gone) return;
      }
      if (host.resumed && asked) {
        // What was settled before is asked for in any order: an earlier result may be asked for in a moment.
        if (host.releases.length > 0) wake(host);
      } else if (releaseNext(host, passes)) {
        if (host.releases.length > 0) wake(host);
      }
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      options.onTrouble(host.run, fault);
      lose(host, fault);
    }
  }

  function handleRequest(host: Host, request: Input): void {
    if (request.in !== 'asked') return handle(host, finishRequest(host, request));
    let later: { step: string; value: Promise<unknown> }[] | undefined;
    let ran: Ran[] | undefined;
    for (let i = 0; i < request.asks.length; i++) {
      const ask = request.asks[i]!;
      if (
        ask.kind !== 'code' ||
        ask.was !== undefined ||
        host.state.phase !== 'running' ||
        host.state.steps.has(ask.step)
      )
        continue;
      const done = ownedBy(host, () => runAtOnce(host, ask.step));
      if (done === undefined) continue;
      if ('ran' in done) (ran ??= [])[i] = done.ran;
      else (later ??= []).push({ step: ask.step, value: done.later });
    }
    if (ran !== undefined) request.ran = ran;
    if (later !== undefined) host.under = new Set(later.map(({ step }) => step));
    handle(host, request);
    host.under = undefined;
    for (const { step, value } of later ?? []) ranLater(performing, host, step, value);
  }

  /** What the code no longer asks for is known only when it has come to its end. */
  function finishRequest(host: Host, request: Input): Input {
    const asked = host.coroutine?.asked;
    // Code that failed has not come to its end: what it would have asked is not known.
    if (request.in !== 'returned' || asked === undefined || request.fault !== undefined) return request;
    const unasked: string[] = [];
    for (const [id, step] of host.state.steps)
      if (step.settledSeq !== 0 && step.attempts === undefined && !asked.has(id)) unasked.push(id);
    return { ...request, unasked };
  }

  function handle(host: Host, input: Input): void {
    if (host.gone || host.ended) return;
    host.idleLooks = 0;
    if (input.in === 'candidates') host.searching?.delete(input.skill);
    const decision = decideWith(host.state, input, clock.nowMs());
    const letter = 'letter' in input && input.letter !== undefined && input.letter !== '' ? input.letter : undefined;
    if (letter !== undefined) takeLetter(host, letter);
    const urgent = buffer(host, decision, (command) => perform(host, command), everyStep);
    if (host.state.phase === 'ended') host.ended = true;
    if (decision.events.length > 0 || decision.send.length > 0 || letter !== undefined || decision.take.length > 0)
      committer.add(host, urgent);
  }

  function perform(host: Host, command: Command): void {
    switch (command.do) {
      case 'askAgent':
        if (isWanted(host, command)) ownedBy(host, () => askAgent(performing, host, command));
        return;
      case 'runCode':
        if (host.under?.has(command.step)) return;
        return ownedBy(host, () => runCode(performing, host, command, options.functions));
      case 'findCandidates':
        // Many steps may want the same facts at once: they are found once.
        if (host.searching?.has(command.skill)) return;
        (host.searching ??= new Set()).add(command.skill);
        return postTo(host, { in: 'candidates', skill: command.skill, ...agents.candidates(command.skill) });
      case 'reconcile':
        return reconcile(performing, host, command);
      case 'undo':
        return undo(performing, host, command);
      case 'stopAttempt':
        return host.calls?.get(`${command.step}|${command.n}`)?.cancel(command.reason);
      case 'open':
        return ownedBy(host, () => host.coroutine?.open(command.step, command));
      case 'stopCode':
        host.coroutine?.stop(() => new Fault('step.cancelled', command.reason));
        return;
      case 'startRun':
        host.starting++;
        void startRun(host, command);
        return;
      case 'findChild':
        void findChild(host, command);
        return;
      case 'fork':
        void startFork(host, command);
        return;
      case 'release':
        return;
    }
  }

  /** While the intent was on its way to disk, the step may have been cancelled: then nobody is called. */
  function isWanted(host: Host, { step: id, n }: CommandOf<'askAgent'>): boolean {
    const step = host.state.steps.get(id);
    if (step?.attempts?.find((a) => a.n === n)?.status !== 'open') return false;
    if (step.settledSeq === 0) return true;
    const fault = new Fault('agent.refused', `'${id}' was cancelled before anybody was called`);
    postTo(host, { in: 'answer', step: id, n, fault: faultToData(fault) });
    return false;
  }

  function onCommitted(host: Host, flight: Flight): void {
    admitted(host, flight.made === true);
    if (!host.gone) {
      if (host.snapshot === 'wanted') void makeSnapshot(host);
      for (const id of flight.append.take ?? []) {
        if (takenMeanwhile === undefined) host.letters?.delete(id);
        else takenMeanwhile.push([host, id]);
      }
      for (const command of flight.after) perform(host, command);
      if (!host.resumed && host.releasedIn !== passes && releaseNext(host, passes) && host.releases.length === 0) {
        // Released at once: the next pass drains what the code asks.
      } else if (host.releases.length > 0 || host.inbox.length > 0) wake(host);
    }
    if (flight.append.status === 'ended' || flight.append.release === true || host.gone) {
      forget(host);
      host.ended = true;
      dropHost(host, left);
    }
    options.onMoved(host);
    if (flight.append.send?.some((letter) => letter.to !== host.run || letter.dueMs <= clock.nowMs())) void look();
    else if (flight.append.send !== undefined) planLook(LOOK_MS);
  }

  /** Answers whoever waits for the run to be on disk: it is (made), or this host has lost it. */
  function admitted(host: Host, made: boolean, fault?: Fault): void {
    const admission = admissions.get(host);
    if (admission === undefined) return;
    admissions.delete(host);
    if (!host.gone || made) admission.resolve();
    else admission.reject(fault ?? new Fault('conflict', `there is a run ${host.run} already`));
  }

  /** From the journal, since the live state no longer holds what the code was given. */
  async function makeSnapshot(host: Host): Promise<void> {
    host.snapshot = 'coming';
    try {
      const rest = (): Promise<void> => new Promise((resolve) => clock.soon(resolve));
      const { state } = await loadRun(store, host.run, { rest });
      host.snapshot = { seq: state.head, state: stateToText(state) };
    } catch (thrown) {
      host.snapshot = 'none';
      options.onTrouble(host.run, toFault(thrown, 'store.io'));
    }
  }

  function lose(host: Host, fault: Fault): void {
    dropHost(host, () => fault);
    forget(host);
    admitted(host, false, fault);
    options.onMoved(host);
  }

  /** The run may be hosted anew already: only this host goes. */
  function forget(host: Host): void {
    if (hosts.get(host.run) === host) hosts.delete(host.run);
    parkedSince.delete(host);
    if (host.gone) {
      lost++;
      unsure = true;
    }
  }

  async function admit({ input, carried, flow, meta }: Admission): Promise<void> {
    if (draining) throw new Fault('site.stopped', 'the site is stopping');
    const before = hosts.get(input.run);
    if (before !== undefined) {
      // Said twice at once: what is not on disk yet is promised to neither.
      await admissions.get(before)?.promise;
      throw new Fault('conflict', `there is a run ${input.run} already`);
    }
    const host = newHost(input.run, flow, newRunState(input.run), chainStart(input.run), 1, false);
    host.create = meta;
    hosts.set(host.run, host);
    const admission = Promise.withResolvers<void>();
    admissions.set(host, admission);
    handle(host, input);
    if (carried !== undefined) handle(host, { in: 'fork', events: carried });
    if (flow === undefined) {
      // Whoever knows the workflow finds it by this letter.
      const letter = timerLetter('adopt');
      host.send.push({
        to: host.run,
        id: letter,
        dueMs: 0,
        body: JSON.stringify({ in: 'timer', id: 'adopt', letter }),
      });
      host.parting = true;
    } else {
      handle(host, { in: 'claim', worker: options.name, epoch: 1 });
      run(host);
    }
    wake(host);
    return admission.promise;
  }

  /** What it lets fall is this run's. */
  function ownedBy<T>(host: Host, call: () => T): T {
    return inRun({ run: host.run, told: options.onTrouble }, call);
  }

  /** Starts the code, where there is code. */
  function run(host: Host): void {
    if (host.state.phase !== 'running' || host.flow?.fn === undefined) return;
    const { run: runId, flow: workflow, resumed } = host;
    const start = () =>
      startCoroutine({
        runId,
        workflow,
        input: host.state.input,
        resumed,
        wake: () => wake(host),
        nextRun: () => nextRunId(runId),
      });
    host.coroutine = ownedBy(host, start);
  }

  async function startRun(host: Host, command: Extract<Command, { do: 'startRun' }>): Promise<void> {
    const flow = findFlow(options.workflows, command.workflow, command.version);
    const version = command.version ?? flow?.version ?? '1';
    try {
      if (command.again === true && (await store.info(command.run)) !== null)
        throw new Fault('conflict', `there is a run ${command.run} already`);
      await admit(
        admission(
          {
            in: 'admit',
            run: command.run,
            workflow: command.workflow,
            version,
            by: command.by,
            seed: hashText(`${host.state.seed}/${command.run}`).slice(0, 16),
            engine: options.engine,
            goal: command.goal,
            plan: flow?.plan === undefined ? undefined : { hash: planHash(flow), plan: flow.plan },
            budget: command.budget,
            deadlineMs: command.deadlineMs,
            parent: command.parent,
            blockEffects: command.blockEffects,
            continues: command.continues,
            labels: command.labels,
            data: command.data,
          },
          flow,
          clock.nowMs(),
        ),
      );
    } catch (thrown) {
      const fault = toFault(thrown, 'internal');
      if (fault.code !== 'conflict') {
        options.onTrouble(command.run, fault);
        if (fault.retry === 'same')
          clock.after(AGAIN_MS, () => {
            if (!host.gone) void startRun(host, { ...command, again: true });
          });
        return;
      }
    }
    host.starting--;
    if (command.continues !== undefined) postTo(host, { in: 'begun', run: command.run });
  }

  /** A child that was cancelled before it was there will never tell its end. */
  async function findChild(host: Host, { step, run }: CommandOf<'findChild'>): Promise<void> {
    try {
      if ((await store.info(run)) === null) postTo(host, { in: 'child', step, run, outcome: 'cancelled' });
    } catch (thrown) {
      options.onTrouble(host.run, toFault(thrown, 'store.io'));
      clock.after(AGAIN_MS, () => {
        if (!host.gone) void findChild(host, { do: 'findChild', step, run });
      });
    }
  }

  /** A fork that takes the place of its run; begun twice, it is one. */
  async function startFork(host: Host, { run, from }: Extract<Command, { do: 'fork' }>): Promise<void> {
    const { at, step, allowEffects } = from;
    const { engine } = options;
    try {
      const state = await stateAt(store, host.run, { at });
      const flow = host.flow ?? forkFlow(options.workflows, state, undefined);
      const how = { id: run, by: state.by, flow, engine, clock, parent: state.parent, redo: [step], allowEffects };
      const fork = forkAdmission(state, how);
      if ((await store.info(run)) === null) await admit(fork);
      postTo(host, { in: 'begun', run });
    } catch (thrown) {
      options.onTrouble(host.run, toFault(thrown, 'internal'));
    }
  }

  async function look(): Promise<void> {
    if (stopped) return;
    lookAgain = true;
    looking ??= lookLoop().finally(() => (looking = undefined));
    return looking;
  }

  async function lookLoop(): Promise<void> {
    while (lookAgain && !stopped) {
      lookAgain = false;
      try {
        const nowMs = clock.nowMs();
        let found = 0;
        if (!draining) {
          const claimed = await claim(nowMs);
          for (const info of claimed) await takeUp(info);
          found += claimed.length;
          if (claimed.length === CLAIMS_AT_ONCE) lookAgain = true;
        }
        takenMeanwhile = [];
        const letters = await membership.due(nowMs, LETTERS_AT_ONCE);
        let taken = 0;
        for (const letter of letters) if (deliver(letter)) taken++;
        if (letters.length === LETTERS_AT_ONCE && taken > 0) lookAgain = true;
        vainLooks = found + taken > 0 ? 0 : vainLooks + 1;
      } catch (thrown) {
        options.onTrouble(undefined, toFault(thrown, 'store.io'));
      }
      for (const [host, id] of takenMeanwhile ?? []) host.letters?.delete(id);
      takenMeanwhile = undefined;
    }
    evictParked();
    findStuck();
    await planNextLook();
  }

  async function claim(nowMs: number): Promise<StreamInfo[]> {
    const now = clock.monotonicMs();
    const held = (run: string): boolean => hosts.has(run) || (putOff.get(run)?.untilMs ?? 0) > now;
    const holds = unsure ? held : undefined;
    const before = lost;
    unsure = true;
    const claimed = await membership.claim({
      has: needs(),
      format: JOURNAL_FORMAT,
      limit: CLAIMS_AT_ONCE,
      nowMs,
      holds,
    });
    unsure = putOff.size > 0 || lost > before;
    return claimed;
  }

  function needs(): string[] {
    return [...options.workflows.keys()];
  }

  async function takeUp(info: StreamInfo): Promise<void> {
    const { stream } = info;
    const before = hosts.get(stream);
    if (before !== undefined) {
      // Still being made here, it was there already, and nobody's.
      const code = admissions.has(before) ? 'conflict' : 'store.fenced';
      lose(before, new Fault(code, `run ${stream} was claimed anew`));
    }
    if (loading.has(stream)) return;
    loading.add(stream);
    try {
      const { state, hash, snapshotAt } = await loadRun(store, stream);
      const flow = options.workflows.get(info.needs);
      const host = newHost(stream, flow, state, hash, info.epoch, true, snapshotAt);
      hosts.set(stream, host);
      handle(host, { in: 'claim', worker: options.name, epoch: info.epoch });
      run(host);
      wake(host);
      putOff.delete(stream);
    } catch (thrown) {
      hosts.delete(stream);
      const times = (putOff.get(stream)?.times ?? 0) + 1;
      putOff.set(stream, { times, untilMs: clock.monotonicMs() + backoffMs(TAKE_UP_AGAIN, times, chance.next()) });
      unsure = true;
      options.onTrouble(stream, toFault(thrown, 'internal'));
    } finally {
      loading.delete(stream);
    }
  }

  function deliver(letter: Delivered): boolean {
    const host = hosts.get(letter.stream);
    if (host === undefined || host.gone || host.letters?.has(letter.id)) return false;
    (host.letters ??= new Set()).add(letter.id);
    let input: Input;
    try {
      input = { ...(JSON.parse(letter.body) as Input), letter: letter.id } as Input;
    } catch (thrown) {
      options.onTrouble(
        letter.stream,
        new Fault('journal.broken', `letter ${letter.id} cannot be read`, { cause: thrown }),
      );
      return false;
    }
    postTo(host, input);
    return true;
  }

  function evictParked(): void {
    if (options.evictAfterMs === Infinity) return;
    const now = clock.monotonicMs();
    for (const host of hosts.values()) {
      if (!isParked(host) || (host.letters?.size ?? 0) > 0) continue;
      const since = parkedSince.get(host);
      if (since === undefined) parkedSince.set(host, now);
      if (now - (since ?? now) < options.evictAfterMs) continue;
      // It leaves now or another time: between a promise to leave and leaving, something could come.
      host.parting = true;
      if (!committer.flushNow(host)) host.parting = false;
    }
  }

  async function planNextLook(): Promise<void> {
    let waitMs = LOOK_MS;
    try {
      const dueMs = await membership.nextDueMs();
      const leftMs = dueMs === null ? LOOK_MS : dueMs - clock.nowMs();
      // What is due and was not taken is on its way to disk, or another's to take: ask for it ever less often.
      waitMs = Math.min(LOOK_MS, leftMs > 0 ? leftMs : 2 ** Math.min(vainLooks, 10));
    } catch {
      // The next look says what is wrong.
    }
    planLook(waitMs);
  }

  /** Never later than planned already. */
  function planLook(waitMs: number): void {
    if (stopped) return;
    const at = clock.monotonicMs() + waitMs;
    if (stopLook !== undefined && at >= lookAt) return;
    stopLook?.();
    lookAt = at;
    stopLook = clock.after(waitMs, () => {
      stopLook = undefined;
      void look();
    });
  }

  /** Code that waits for something that is no step of ours would wait for ever, and nobody would know. */
  function findStuck(): void {
    const now = clock.monotonicMs();
    if (now - stuckLookAt < STUCK_MS / STUCK_LOOKS) return;
    stuckLookAt = now;
    for (const host of hosts.values()) {
      if (host.coroutine === undefined || host.coroutine.pending || !isIdle(host.state)) continue;
      if (host.gone || host.ended || host.state.phase !== 'running') continue;
      if (host.inbox.length > 0 || host.releases.length > 0 || host.idleLooks++ < STUCK_LOOKS) continue;
      const message = `the code of '${host.state.workflow}' has waited ${STUCK_MS} ms for something that is no step`;
      postTo(host, { in: 'returned', fault: faultToData(new Fault('workflow.stuck', message)), unasked: [] });
    }
  }

  function within(work: Promise<void>, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => resolve(false));
      void work.then(() => {
        cancel();
        resolve(true);
      });
    });
  }

  return {
    hosts,
    admit,
    look,
    post(run, input) {
      const host = hosts.get(run);
      if (host !== undefined) postTo(host, input);
    },
    start() {
      stopGuard = guardStrays();
      stopWatch = membership.watch(() => void look());
      agents.onChange((skills) => {
        for (const host of hosts.values()) {
          for (const skill of skills)
            if (host.state.skills.has(skill)) postTo(host, { in: 'candidates', skill, ...agents.candidates(skill) });
        }
      });
      void look();
    },
    async stop(graceMs) {
      draining = true;
      const until = clock.monotonicMs() + graceMs;
      while ([...hosts.values()].some((h) => (h.calls?.size ?? 0) > 0) && clock.monotonicMs() < until) {
        await new Promise<void>((resolve) => clock.after(10, resolve));
      }
      for (const host of hosts.values())
        if (host.turns.length + host.send.length + host.take.length > 0) committer.add(host, true);
      committer.flush();
      await within(committer.settled(), Math.max(1_000, graceMs));
      stopped = true;
      committer.stop();
      stopLook?.();
      stopWatch?.();
      stopGuard?.();
      for (const host of hosts.values()) lose(host, new Fault('site.stopped', 'the site has stopped'));
      // A store in trouble cannot be told; that we are gone shows by the lock we let go.
      await membership.leave().catch((thrown: unknown) => options.onTrouble(undefined, toFault(thrown, 'store.io')));
    },
    get trouble() {
      return committer.trouble;
    },
  };
}

function left(): Fault {
  return new Fault('site.stopped', 'the run has left this worker');
}
