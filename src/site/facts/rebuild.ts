/**
 * Rebuild: the figures again, from the journals of the runs. What is kept is a cache of them (keep.ts, K3).
 *
 * R1  Every try's end that a journal has counts as it did when it was observed. What no journal says is not there: an
 *     answer's price that was just what had been held for it, calls that a lost worker had out, and what was compacted.
 * R2  Tries of all runs are folded in the order of their ends, as far as MAX_HELD of them allow: figures forget the past.
 * R3  A run whose journal cannot be read is passed over, and named.
 */
import { type Fault, toFault } from '../../base/index.ts';
import { type EventOf, fold, goalSkill, type RunState, type Turn } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { loadRun } from '../load.ts';
import { isOwnStream } from '../own-streams.ts';
import { createFacts, type FactsState } from './facts.ts';
import type { Observation } from './observation.ts';

export interface RebuildOptions {
  /** Only tries that ended before. */
  untilMs?: number;
  signal?: AbortSignal;
  /** Called between runs. */
  rest?: () => Promise<void>;
  onTrouble?: (run: string, fault: Fault) => void;
}

const PAGE = 256;
/** R2. Held to be put in order: a few dozen MB. */
const MAX_HELD = 131_072;

export async function rebuildFacts(store: Store, options: RebuildOptions = {}): Promise<FactsState> {
  const { untilMs = Infinity, signal, rest } = options;
  const facts = createFacts();
  let held: Observation[] = [];

  function foldFirst(n: number): void {
    held.sort((a, b) => a.atMs - b.atMs);
    for (const one of held.slice(0, n)) facts.observe(one);
    held = held.slice(n);
  }

  for await (const run of runsOf(store)) {
    signal?.throwIfAborted();
    try {
      const found = await observationsOf(store, run);
      for (const one of found) if (one.atMs < untilMs) held.push(one);
    } catch (thrown) {
      options.onTrouble?.(run, toFault(thrown, 'journal.broken'));
    }
    if (held.length > MAX_HELD) foldFirst(MAX_HELD / 2);
    await rest?.();
  }
  foldFirst(held.length);
  return facts.save();
}

async function* runsOf(store: Store): AsyncIterable<string> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list({ after, limit: PAGE });
    for (const { stream } of page) if (!isOwnStream(stream)) yield stream;
    if (page.length < PAGE) return;
    after = page.at(-1)!.stream;
  }
}

interface Out {
  agent: string;
  skill: string;
  sinceMs: number;
  heldMoney?: number;
  /** Its end was observed, though not whether it happened. */
  doubted?: boolean;
  /** Asked by a worker that is gone. */
  ofBefore?: boolean;
}

/** R1. What was observed of one run's tries, in the order of the journal. */
export async function observationsOf(store: Store, run: string): Promise<Observation[]> {
  const out = new Map<string, Out>();
  const found: Observation[] = [];
  await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      for (const event of turn.events) {
        if (event.type === 'run.claimed') takenOver(turn.at);
        else if (event.type === 'attempt.begun') begun(state, turn, event);
        else if (event.type === 'effect.unknown') doubted(turn, event);
        else if (event.type === 'attempt.ended') ended(turn, event);
        fold(state, event);
      }
      return true;
    },
  });
  return found;

  /** What is out is asked again, or let go. */
  function takenOver(atMs: number): void {
    for (const one of out.values()) {
      one.sinceMs = atMs;
      one.ofBefore = true;
    }
  }

  function begun(state: RunState, turn: Turn, event: EventOf<'attempt.begun'>): void {
    const step = state.steps.get(event.step);
    if (step === undefined) return;
    const skill = event.ask?.skill ?? goalSkill(step, event.lesser);
    out.set(`${event.step}|${event.n}`, {
      agent: event.agent,
      skill,
      sinceMs: turn.at,
      heldMoney: event.held?.money,
    });
  }

  function doubted(turn: Turn, { step, n, why, fault }: EventOf<'effect.unknown'>): void {
    const one = out.get(`${step}|${n}`);
    if (one === undefined || why === 'claim' || why === 'restored') return;
    const code = fault?.code ?? (why === 'timeout' ? 'step.timeout' : 'agent.lost');
    note(turn, one, { run, step, n, end: 'failed', code });
    one.doubted = true;
    one.sinceMs = turn.at;
  }

  function ended(turn: Turn, event: EventOf<'attempt.ended'>): void {
    const { step, n, fault, late, gone } = event;
    const key = `${step}|${n}`;
    const one = out.get(key);
    out.delete(key);
    if (one === undefined || gone === true || isAbsent(fault)) return;
    const stopped = late === true && fault?.code === 'step.cancelled';
    if (stopped && (one.doubted === true || one.ofBefore === true)) return;
    const money = event.cost?.money;
    const cost = money === undefined || money === one.heldMoney ? undefined : { money };
    // What it said did not keep the step's contract: it answered all the same.
    const answered = fault === undefined || event.data !== undefined;
    const end = stopped ? 'censored' : answered ? 'answered' : 'failed';
    note(turn, one, { run, step, n, end, code: answered ? undefined : fault.code, cost });
  }

  function note(
    turn: Turn,
    { agent, skill, sinceMs }: Out,
    rest: Pick<Observation, 'run' | 'step' | 'n' | 'end' | 'code' | 'cost'>,
  ): void {
    found.push({ ...rest, agent, skill, atMs: turn.at, latencyMs: Math.max(0, turn.at - sinceMs) });
  }
}

/** It was never asked. */
function isAbsent(fault: EventOf<'attempt.ended'>['fault']): boolean {
  return fault?.code === 'agent.refused' && (fault.detail as { absent?: unknown } | undefined)?.absent === true;
}
