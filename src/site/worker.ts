/**
 * A worker: holds runs, lets their inputs in, their decisions out, and looks for runs that nobody
 * alive holds. One loop: passes, each a macrotask, each giving every ready run a turn.
 */
import type { AsyncResource } from 'node:async_hooks';
import { type Chance, Fault, toFault } from '../base/index.ts';
import { type AnyWorkflow, startCoroutine } from '../author/index.ts';
import { decide } from '../flow/index.ts';
import { chainStart, type Input, newRunState, timerLetter } from '../model/index.ts';
import type { Membership, Store } from '../ports/store/index.ts';
import { type Admission, nextRunId } from './admission.ts';
import { createChoked } from './choked.ts';
import { arrived, createCommander } from './commander.ts';
import { createCommitter, type Committer, SNAPSHOT_EVENTS } from './committer.ts';
import { buffer, dropHost, type Flight, type Host, isOpening, newHost, releaseNext, takeLetter } from './host.ts';
import { createDoubts, isDoubted } from './doubts.ts';
import { createEvictor } from './evict.ts';
import { createLooker, LOOK_MS } from './looker.ts';
import { ranLater } from './local-code.ts';
import { namesInJournal, searchKey } from './names.ts';
import type { Performing } from './perform.ts';
import { createFresh, type Router } from './route/index.ts';
import { runAsked, withUnasked } from './request.ts';
import { createStarter } from './starter.ts';
import { guardStrays, originOf } from './stray.ts';
import { createStuckFinder } from './stuck.ts';
import { createTaker } from './taking.ts';
import { createUpkeep } from './upkeep.ts';
import { within } from './within.ts';

/** A pass gives up the thread after this long, so that a busy run does not starve its neighbours. */
export const SLICE_MS = 2;

export type Durability = 'due' | 'step';

export interface WorkerOptions extends Omit<Performing, 'post' | 'leaving'> {
  name: string;
  store: Store;
  membership: Membership;
  chance: Chance;
  router: Router;
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
  /** A wake-up has come, a run's own or another's. */
  onTimer(id: string): void;
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
  const choked = createChoked(options.decide ?? decide, clock);
  const fresh = createFresh(options);
  const hosts = new Map<string, Host>();
  const everyStep = options.durability === 'step';
  const admissions = new Map<Host, PromiseWithResolvers<void>>();
  let ready = new Set<Host>();
  let scheduled = false;
  let passes = 0;
  let stopWatch: (() => void) | undefined;
  let stopGuard: (() => void) | undefined;
  let draining = false;
  let stopped = false;

  const committer: Committer = createCommitter({
    membership,
    clock,
    chance,
    snapshotEvents: options.snapshotEvents ?? SNAPSHOT_EVENTS,
    onCommitted,
    onFailed: lose,
    firstHash: async (run) => (await store.read(run, { limit: 1 }))[0]?.hash,
    onTrouble: (fault, run) => options.onTrouble(run, fault),
  });
  const evictor = createEvictor({
    clock,
    hosts,
    afterMs: options.evictAfterMs,
    isDoubted,
    leave: (some) => committer.flushNow(some),
  });
  const performing: Performing = { ...options, post: postTo, leaving: new Set() };
  const { onTrouble } = options;
  const starter = createStarter({ ...options, admit, post: postTo });
  const upkeep = createUpkeep({ store, clock, committer: () => committer, onTrouble });
  const perform = createCommander({ ...options, performing, starter, upkeep, post: postTo, ownedBy });
  const taker = createTaker({
    ...options,
    hosts,
    isBeingMade: (host) => admissions.has(host),
    lose,
    handle,
    begin: (host, kept) => (kept ? doubts.startKept(host) : begin(host)),
  });
  const doubts = createDoubts({ hosts, post: postTo, wake, begin, onTrouble });
  const findStuck = createStuckFinder(clock, hosts, postTo);
  const looker = createLooker({
    ...options,
    hosts,
    ...taker,
    isChoked: choked.isPutOff,
    post: postTo,
    isDraining: () => draining,
    onLooked() {
      evictor.look();
      findStuck();
      doubts.look();
      taker.look();
    },
  });

  function postTo(host: Host, input: Input): void {
    if (host.gone) return;
    if (host.inbox.length === 0) host.inbox = [input];
    else host.inbox.push(input);
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
    committer.flush(ready.size);
  }

  function work(host: Host): void {
    if (host.gone) return;
    evictor.moved(host);
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
      if (host.resumed && isOpening(host)) {
        // An earlier result may be asked for once it is open; the commit comes back to this run.
      } else if (host.resumed && asked) {
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
    if (request.in !== 'asked') return handle(host, withUnasked(host, request));
    const later = runAsked(host, request, originFor(host));
    if (later === undefined) return handle(host, request);
    host.under = new Set(later.map(({ step }) => step));
    handle(host, request);
    host.under = undefined;
    for (const { step, value } of later) ranLater(performing, host, { step }, value);
  }

  function handle(host: Host, input: Input): void {
    for (const news of fresh(host.state, input)) decideOn(host, news);
    decideOn(host, input);
  }

  function decideOn(host: Host, input: Input): void {
    if (host.gone || host.ended) return;
    host.idleLooks = 0;
    if (input.in === 'timer') options.onTimer(input.id);
    arrived(host, input);
    const wasAside = host.state.quarantine !== undefined;
    const decision = choked.decide(host.state, input, clock.nowMs());
    doubts.decided(host, wasAside);
    const letter = 'letter' in input && input.letter !== undefined && input.letter !== '' ? input.letter : undefined;
    if (letter !== undefined) takeLetter(host, letter);
    const urgent = buffer(host, decision, perform, everyStep);
    if (host.state.phase === 'ended') host.ended = true;
    if (decision.events.length > 0 || decision.send.length > 0 || letter !== undefined || decision.take.length > 0)
      committer.add(host, urgent);
  }

  function onCommitted(host: Host, flight: Flight): void {
    admitted(host, flight.made === true);
    if (!host.gone) {
      if (host.snapshot === 'wanted') void upkeep.makeSnapshot(host);
      if (flight.append.take !== undefined) for (const id of flight.append.take) looker.taken(host, id);
      for (const command of flight.after) perform(host, command);
      doubts.kept(host);
      if (!host.resumed && host.releasedIn !== passes && releaseNext(host, passes) && host.releases.length === 0) {
        // Released at once: the next pass drains what the code asks.
      } else if (host.releases.length > 0 || host.inbox.length > 0) wake(host);
    }
    if (!host.gone && flight.append.status === 'ended') host.endKept = true;
    if (host.endKept && host.state.next !== undefined) void upkeep.passOn(host.run, host.state.next);
    if (flight.append.status === 'ended' || flight.append.release === true || host.gone) {
      forget(host);
      // A claim whose answer was lost may have taken it back while the word that it is given up was on its way.
      if (flight.append.release === true && flight.append.status !== 'ended') looker.lostOne();
      host.ended = true;
      dropHost(host, left);
    }
    options.onMoved(host);
    if (flight.append.send?.some((letter) => letter.to !== host.run || letter.dueMs <= clock.nowMs()))
      void looker.look();
    else if (flight.append.send !== undefined) looker.planLook(LOOK_MS);
  }

  /** Answers whoever waits for the run to be on disk: it is (made), or this host has lost it. */
  function admitted(host: Host, made: boolean, fault?: Fault): void {
    const admission = admissions.get(host);
    if (admission === undefined) return;
    admissions.delete(host);
    if (!host.gone || made) admission.resolve();
    else admission.reject(fault ?? new Fault('conflict', `there is a run ${host.run} already`));
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
    doubts.forget(host);
    evictor.moved(host);
    if (host.gone) looker.lostOne();
  }

  async function admit({ input, carried, restoredMs, flow, meta }: Admission): Promise<void> {
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
    if (restoredMs !== undefined) handle(host, { in: 'restored', restoredMs, letter: '' });
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
    return originFor(host).runInAsyncScope(call);
  }

  function originFor(host: Host): AsyncResource {
    return (host.origin ??= originOf(host.run, options.onTrouble));
  }

  /** Also where facts of before the change are on their way. */
  function findAnew(host: Host, skill: string, step?: string): void {
    host.searching?.delete(searchKey(skill, step));
    perform(host, { do: 'findCandidates', skill, step });
  }

  function begin(host: Host): void {
    run(host);
    wake(host);
  }

  /** Starts the code, where there is code. */
  function run(host: Host): void {
    if (host.state.phase !== 'running' || host.state.quarantine !== undefined || host.flow?.fn === undefined) return;
    const { run: runId, flow: workflow, resumed } = host;
    const start = () =>
      startCoroutine({
        runId,
        workflow,
        input: host.state.input,
        resumed,
        presentId: resumed ? namesInJournal(host) : undefined,
        wake: () => wake(host),
        nextRun: () => nextRunId(runId),
      });
    host.coroutine = ownedBy(host, start);
  }

  return {
    hosts,
    admit,
    look: () => looker.look(),
    post(run, input) {
      const host = hosts.get(run);
      if (host !== undefined) postTo(host, input);
    },
    start() {
      stopGuard = guardStrays();
      stopWatch = membership.watch(() => void looker.look());
      agents.onChange((skills) => {
        for (const host of hosts.values()) {
          for (const skill of skills) if (host.state.skills.has(skill)) findAnew(host, skill);
          for (const step of host.state.open) {
            const skill = host.state.steps.get(step)?.view?.skill;
            if (skill !== undefined && skills.includes(skill)) findAnew(host, skill, step);
          }
        }
      });
      void looker.look();
    },
    async stop(graceMs) {
      draining = true;
      const until = clock.monotonicMs() + graceMs;
      while ([...hosts.values()].some((h) => (h.calls?.size ?? 0) > 0) && clock.monotonicMs() < until) {
        await new Promise<void>((resolve) => clock.after(10, resolve));
      }
      doubts.stopping(handle);
      for (const host of hosts.values())
        if (host.turns.length + host.send.length + host.take.length > 0) committer.add(host, true);
      committer.flush();
      await within(clock, committer.settled(), Math.max(1_000, graceMs));
      const told = async (): Promise<void> => void (await Promise.all(performing.leaving));
      if (performing.leaving.size > 0) await within(clock, told(), Math.max(0, until - clock.monotonicMs()));
      stopped = true;
      committer.stop();
      looker.stop();
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
