/**
 * A site for a test: the real one, on a memory store and a clock that moves only when told, so a wait of
 * days takes no time. Its worker can be crashed as kill -9 would: what was not committed is gone.
 */
import type { AnyWorkflow } from '../../author/index.ts';
import { Fault, type Json } from '../../base/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import type { Event, RunState } from '../../model/index.ts';
import type { Clock } from '../../base/index.ts';
import { type OpenGate, openGates } from '../../site/gates.ts';
import { isParked } from '../../site/host.ts';
import type { RunResult, Site } from '../../site/site.ts';
import { createTrial } from '../trial/index.ts';
import type { DoomAt } from '../trial/index.ts';

export interface Answers {
  /** What a person says to a gate (or to an unknown effect); undefined = nothing, and the run waits. */
  gate?: (gate: OpenGate) => 'approve' | 'deny' | { edit: unknown } | undefined;
  /** Sent once, when the run waits for it. */
  signals?: Record<string, unknown>;
}

export interface TestSiteOptions extends Answers {
  workflows: readonly AnyWorkflow[];
  agents?: readonly Agent[] | ((clock: Clock) => readonly Agent[]);
  functions?: Record<string, (input: never) => unknown>;
  /** The first worker dies at its n-th commit, before or after that is made. */
  dieAt?: DoomAt;
}

export interface TestSite {
  /** The site that works now; another one after `crash`. */
  readonly site: Site;
  readonly clock: Clock;
  /** The worker has died (at `dieAt`, or by `crash`) and no other has taken its place yet. */
  readonly dead: boolean;
  /** Commits that this worker was asked for. */
  readonly commits: number;
  /** Everything that can happen without time passing. */
  settle(): Promise<void>;
  /** So much later: timers and deadlines that fell due meanwhile happen. */
  advance(ms: number): Promise<void>;
  /** kill -9 for the worker, and another one in its place. */
  crash(): Promise<void>;
  /** Starts the run and lets time pass until it ends, answering as told; throws when it cannot end. */
  run(flow: AnyWorkflow, input?: unknown, options?: { id?: string; mostMs?: number }): Promise<RunResult>;
  events(run: string): Promise<Event[]>;
  stop(): Promise<void>;
}

/** Time in which something else than a timer should have moved it. */
const MOST_MS = 3_600_000;
/** A run that dies with its worker, or waits for a person, is looked at anew at most so often. */
const MOST_ROUNDS = 1_000;
const MOST_RUNS = 10_000;
/** Looked at so closely; between two windows a run that is parked skips to its next letter. */
const WINDOW_MS = 500;

export async function openTestSite(options: TestSiteOptions): Promise<TestSite> {
  const trial = createTrial();
  const { agents = [] } = options;
  const workforce = typeof agents === 'function' ? agents(trial.clock) : agents;
  const settings = {
    workflows: options.workflows,
    agents: workforce,
    functions: options.functions,
    evictAfterMs: Infinity,
  };
  let { site, doom } = await trial.open(settings, options.dieAt);
  const sent = new Set<string>();

  /** The dead answer nobody. */
  async function unlessDead(said: Promise<unknown>): Promise<void> {
    let done = false;
    let failure: unknown;
    said.then(
      () => (done = true),
      (thrown: unknown) => ((done = true), (failure = thrown)),
    );
    await trial.clock.until(() => done || doom.dead, 1_000);
    if (failure !== undefined) throw failure;
  }

  async function answer(run: string): Promise<void> {
    for (const gate of await site.gates(run)) {
      const word = options.gate?.(gate);
      if (word === undefined) continue;
      if (word === 'approve' || word === 'deny') await unlessDead(site[word](run, gate.step));
      else await unlessDead(site.edit(run, gate.step, word.edit));
    }
    const { open, steps } = await site.state(run);
    for (const id of open) {
      const name = steps.get(id)?.spec.signal;
      const given = options.signals;
      if (name === undefined || given === undefined || !(name in given) || sent.has(`${run}/${name}`)) continue;
      sent.add(`${run}/${name}`);
      await unlessDead(site.signal(run, name, given[name], { id: `test:${name}` }));
    }
  }

  const test: TestSite = {
    get site() {
      return site;
    },
    clock: trial.clock,
    get dead() {
      return doom.dead;
    },
    get commits() {
      return doom.commits;
    },
    settle: () => trial.clock.drain(),
    advance: (ms) => trial.clock.jump(ms),
    async crash() {
      doom.die();
      ({ site, doom } = await trial.open(settings));
      await trial.clock.drain();
    },
    async run(flow, input, { id = 'test', mostMs = MOST_MS } = {}) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        if (doom.dead) await test.crash();
        if ((await trial.store.info(id)) === null) {
          await unlessDead(site.start(flow.name, input as Json, { id }));
          if (doom.dead) continue;
        }
        await answer(id);
        const moved = await letPass(id, mostMs);
        if (doom.dead) continue;
        if (await trial.isEnded(id)) return await site.handle(id).result();
        if (!moved) break;
      }
      throw await stuck(id);
    },
    events: (run) => trial.events(run),
    async stop() {
      doom.die();
      await trial.clock.drain();
    },
  };

  /** Time passes until the run ends, dies with its worker or wants a word; false = nothing can move it any more. */
  async function letPass(run: string, mostMs: number): Promise<boolean> {
    let endMs = trial.clock.nowMs() + mostMs;
    const isSo = async (): Promise<boolean> => doom.dead || (await trial.isEnded(run)) || (await wants(run));
    while (trial.clock.nowMs() < endMs) {
      if (await trial.clock.until(isSo, WINDOW_MS)) return true;
      if (![...site.worker.hosts.values()].every(isParked)) continue;
      // Only a letter can move anything now: no need to look twenty times a second until then.
      const dueMs = await nearestLetterMs();
      if (dueMs === undefined) return false;
      const leftMs = dueMs - trial.clock.nowMs();
      if (leftMs <= 0) continue;
      endMs += leftMs;
      await trial.clock.jump(leftMs);
    }
    return false;
  }

  async function nearestLetterMs(): Promise<number | undefined> {
    let nearest: number | undefined;
    for (const { stream } of await trial.store.list({ status: 'open', limit: MOST_RUNS }))
      for (const { dueMs } of await trial.store.letters(stream))
        if (nearest === undefined || dueMs < nearest) nearest = dueMs;
    return nearest;
  }

  /** It waits, on disk too, for something that `answer` has a word for. */
  async function wants(run: string): Promise<boolean> {
    const live = site.worker.hosts.get(run)?.state;
    return live !== undefined && wantsOf(run, live) && wantsOf(run, await site.state(run));
  }

  function wantsOf(run: string, state: RunState): boolean {
    if (openGates(state).some((gate) => options.gate?.(gate) !== undefined)) return true;
    return [...state.open].some((id) => {
      const name = state.steps.get(id)?.spec.signal;
      return name !== undefined && name in (options.signals ?? {}) && !sent.has(`${run}/${name}`);
    });
  }

  async function stuck(run: string): Promise<Fault> {
    const { open } = await site.state(run);
    const troubles = trial.troubles.map((fault) => fault.message).join('; ');
    return new Fault(
      'step.timeout',
      `run ${run} does not end; it waits at: ${[...open].join(', ') || 'nothing'}${troubles === '' ? '' : ` (${troubles})`}`,
    );
  }

  return test;
}
