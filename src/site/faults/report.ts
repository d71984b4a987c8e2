/** What became of faults that were put in on purpose, from the journals of the runs that they met. */
import { type Event, foldTurn } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { loadRun } from '../load.ts';
import type { Injected } from './injector.ts';
import { storyOf } from './story.ts';

/**
 * healed: the step went on, and the journal says how. escalated: the journal says that no way was left, and why.
 * harmless: nothing failed by it (late, or twice, or outvoted). silent: it failed, or spoilt a result, and nothing says so.
 */
export type InjectedEnd = 'healed' | 'escalated' | 'harmless' | 'silent';

/** They leave an answer that is none. */
const SPOILS = new Set(['wrong', 'truncated', 'malformed']);

/** `isWrong`: the run completed with something else than it must give, where somebody knows that. */
export function endOf(one: Injected, events: readonly Event[], isWrong = false): InjectedEnd {
  const ended = events.find((e) => e.type === 'attempt.ended' && e.step === one.step && e.n === one.n);
  const unknown = events.some((e) => e.type === 'effect.unknown' && e.step === one.step && e.n === one.n);
  const failed = unknown || (ended?.type === 'attempt.ended' && ended.fault !== undefined && ended.late !== true);
  if (!failed && SPOILS.has(one.kind)) {
    if (isWrong) return 'silent';
    // Nobody could see it at once; the run could not go on with it, and says so.
    if (events.some((e) => e.type === 'run.ended' && e.outcome !== 'completed')) return 'escalated';
  }
  if (!failed) return 'harmless';
  // A panel hears the others: the verdict is what became of it.
  const isPanel = events.some((e) => e.type === 'agree.verdict' && e.step === one.step);
  const story = storyOf(events).findLast((s) => s.step === one.step);
  if (story?.end === 'healed' || (isPanel && isSettledWell(events, one.step))) return 'healed';
  if (story?.end === 'escalated') return 'escalated';
  return isPanel ? 'escalated' : 'silent';
}

function isSettledWell(events: readonly Event[], step: string | undefined): boolean {
  return events.some((e) => e.type === 'step.settled' && e.step === step && e.out === 'ok');
}

/** Runs whose journals are read for a report; what met others is counted as put in only. */
const MAX_RUNS_READ = 1_000;

/** `open`: its run is not over. `told`: at a door or the store, where callers and the driver see it, and no journal. */
export type PutIn = { injected: number } & Partial<Record<InjectedEnd | 'open' | 'told', number>>;

/** What was put in, by place and kind, and what became of it. */
export async function reportOf(store: Store, injected: readonly Injected[]): Promise<Map<string, PutIn>> {
  const rows = new Map<string, PutIn>();
  const journals = new Map<string, Event[]>();
  // What is read for it may be met by faults too.
  for (const one of injected.slice()) {
    const name = `${one.at} ${one.kind}`;
    const row = rows.get(name) ?? { injected: 0 };
    rows.set(name, row);
    row.injected++;
    const { run } = one;
    if (run !== undefined && !journals.has(run) && journals.size < MAX_RUNS_READ)
      journals.set(run, await eventsOf(store, run));
    const events = journals.get(run ?? '');
    const end = run === undefined ? 'told' : events && endNow(one, events);
    if (end !== undefined) row[end] = (row[end] ?? 0) + 1;
  }
  return rows;
}

function endNow(one: Injected, events: readonly Event[]): InjectedEnd | 'open' {
  const end = endOf(one, events);
  return end === 'silent' && !events.some((event) => event.type === 'run.ended') ? 'open' : end;
}

/** The store may be one that goes wrong on purpose. */
const READS = 20;

async function eventsOf(store: Store, run: string, reads = READS): Promise<Event[]> {
  try {
    return await readEvents(store, run);
  } catch (thrown) {
    if (reads <= 1) throw thrown;
    return eventsOf(store, run, reads - 1);
  }
}

/** Every event that is kept of a run, in order. */
export async function readEvents(store: Store, run: string): Promise<Event[]> {
  const events: Event[] = [];
  await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      events.push(...turn.events);
      foldTurn(state, turn);
      return true;
    },
  });
  return events;
}
