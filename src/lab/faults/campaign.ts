/**
 * A campaign of injected faults: runs with panels, checked answers, keyed effects and other ways, at a real site
 * over the memory store, on a clock that jumps. Every fault put in is looked for in the journals afterwards.
 */
import { parsePlan, planWorkflow } from '../../author/index.ts';
import { createSeededChance, Fault, type Json } from '../../base/index.ts';
import { decodeRecord, type Event } from '../../model/index.ts';
import { AGENT_TROUBLES, type Agent, functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import type { Store } from '../../ports/store/index.ts';
import { createInjector, type FaultRule, type Injected, storyOf } from '../../site/faults/index.ts';
import { openSite } from '../../site/site.ts';
import { createTrialClock } from '../trial/index.ts';

export interface CampaignOptions {
  runs: number;
  seed: string;
  /** Of the calls, how many go wrong. */
  rate: number;
  kinds?: readonly string[];
}

export interface KindRow {
  injected: number;
  /** The step went on, and the journal says how. */
  healed: number;
  /** The journal says that no way was left, and why. */
  escalated: number;
  /** Nothing failed by it: it was late, or twice, or outvoted. */
  harmless: number;
  /** It failed, or made a result wrong, and nothing says so. */
  silent: number;
}

export interface CampaignReport {
  seed: string;
  runs: number;
  completed: number;
  failed: number;
  unfinished: number;
  kinds: Record<string, KindRow>;
  /** Effects that a sink worked twice. */
  duplicated: number;
  /** Runs that completed with something else than they must give. */
  wrongOutputs: number;
  silent: number;
}

const FLOW = `
name: errand
input: { type: object }
steps:
  look: { ask: look, with: '\${input.n}', timeout: 5s, returns: { type: object, required: [found], properties: { found: { type: number } } } }
  judge: { ask: judge, with: '\${steps.look.found}', timeout: 5s, agree: { by: majority, panel: 3 }, returns: { type: number } }
  pay: { effect: pay, class: idempotent, with: '\${input.n}', timeout: 5s, after: judge, returns: { type: object, required: [paid] } }
  tell: { ask: mail, with: '\${input.n}', timeout: 5s, after: pay, returns: { type: object, required: [told] }, alternatives: [{ ask: text }] }
output: { judged: '\${steps.judge}', paid: '\${steps.pay.paid}', told: '\${steps.tell.told}' }
`;

/** Wrong answers can only be told where several are heard: elsewhere they would be believed, by design. */
const ONLY_ON_PANELS = new Set(['wrong']);
/** They leave an answer that is none. */
const SPOILS = new Set(['wrong', 'truncated', 'malformed']);
/** An hour of the clock that jumps. */
const MOST_MS = 3_600_000;

export async function runFaultCampaign({ runs, seed, rate, kinds }: CampaignOptions): Promise<CampaignReport> {
  const clock = createTrialClock();
  const worked = new Map<string, number>();
  const rules = rulesOf(rate, kinds);
  const injector = createInjector({ seed, rules }, clock);
  const memory = createMemoryStore();
  const flow = planWorkflow(parsePlan(FLOW));
  const site = await openSite({
    store: injector.store(memory),
    clock,
    chance: createSeededChance(seed),
    worker: 'w1',
    keepFacts: false,
    workflows: [flow],
    agents: crew(worked).map((agent) => injector.agent(agent)),
  });
  const ids = Array.from({ length: runs }, (_, n) => `r${n}`);
  const ended = async (): Promise<boolean> => {
    for (const id of ids) if ((await memory.info(id))?.status !== 'ended') return false;
    return true;
  };
  for (const [n, id] of ids.entries()) void start(n, id);
  async function start(n: number, id: string): Promise<void> {
    for (;;) {
      try {
        await site.start(flow, { n }, { id });
        return;
      } catch (thrown) {
        // The store was in trouble: whoever starts a run comes again, and the same id starts one run.
        if (!(thrown instanceof Fault) || thrown.retry !== 'same') throw thrown;
        await new Promise<void>((resolve) => clock.after(thrown.afterMs ?? 500, resolve));
      }
    }
  }
  await clock.until(ended, MOST_MS);
  const journals = new Map<string, Event[]>();
  for (const id of ids) journals.set(id, await eventsOf(memory, id));
  let stopped = false;
  const stopping = site.stop({ graceMs: 0 }).then(() => (stopped = true));
  await clock.until(() => stopped, 60_000);
  await stopping;
  return reportOf({ seed, ids, journals, injected: injector.injected, worked });
}

function rulesOf(rate: number, kinds: readonly string[] | undefined): FaultRule[] {
  const often = { probability: rate, afterMs: 0, ms: 200 };
  const wanted = (kind: string): boolean => kinds === undefined || kinds.includes(kind);
  const each = rate / AGENT_TROUBLES.length;
  const rules: FaultRule[] = [];
  for (const kind of AGENT_TROUBLES) {
    if (!wanted(kind)) continue;
    if (ONLY_ON_PANELS.has(kind)) rules.push({ at: 'agents', kind, of: 'judge-1', ...often, probability: rate });
    else rules.push({ at: 'agents', kind, ...often, probability: kinds === undefined ? each : rate });
  }
  if (wanted('store')) {
    rules.push({ at: 'store', kind: 'slow', ...often, probability: rate / 10 });
    rules.push({ at: 'store', kind: 'flap', ...often, probability: rate / 10 });
    // A part of every minute in which the store cannot be reached at all.
    rules.push({
      at: 'store',
      kind: 'partition',
      ...often,
      probability: 1,
      everyMs: 60_000,
      forMs: 500,
      afterMs: 20_000,
    });
  }
  return rules;
}

/** Three of each, and sinks that honour keys. */
function crew(worked: Map<string, number>): Agent[] {
  const agents: Agent[] = [];
  for (const i of [1, 2, 3]) {
    agents.push(
      functionAgent(`look-${i}`, { skills: { look: (n: number) => ({ found: n * 2 }) } }),
      functionAgent(`judge-${i}`, { skills: { judge: (n: number) => n + 1 } }),
      functionAgent(`mail-${i}`, {
        skills: { mail: (n: number) => ({ told: n }), text: (n: number) => ({ told: n }) },
      }),
    );
  }
  for (const i of [1, 2]) {
    agents.push(
      functionAgent(`pay-${i}`, {
        skills: {
          pay: {
            effect: 'idempotent',
            keyed: true,
            run(n: number, { key }) {
              if (!worked.has(key)) worked.set(key, 1);
              return { paid: n };
            },
            reconcile: ({ key, input }) => ({ happened: worked.has(key), output: { paid: input as number } }),
          },
        },
      }),
    );
  }
  return agents;
}

interface Looked {
  seed: string;
  ids: readonly string[];
  journals: ReadonlyMap<string, Event[]>;
  injected: readonly Injected[];
  worked: ReadonlyMap<string, number>;
}

export function reportOf({ seed, ids, journals, injected, worked }: Looked): CampaignReport {
  const kinds: Record<string, KindRow> = {};
  const report: CampaignReport = {
    seed,
    runs: ids.length,
    completed: 0,
    failed: 0,
    unfinished: 0,
    kinds,
    duplicated: [...worked.values()].filter((times) => times > 1).length,
    wrongOutputs: 0,
    silent: 0,
  };
  const wrong = new Set<string>();
  for (const [n, id] of ids.entries()) {
    const end = journals.get(id)?.findLast((event) => event.type === 'run.ended');
    if (end === undefined) report.unfinished++;
    else if (end.outcome !== 'completed') report.failed++;
    else {
      report.completed++;
      if (!isRight(end.data, n)) wrong.add(id);
    }
  }
  report.wrongOutputs = wrong.size;
  for (const one of injected) {
    const name = one.at === 'store' ? `store ${one.kind}` : one.kind;
    const row = (kinds[name] ??= { injected: 0, healed: 0, escalated: 0, harmless: 0, silent: 0 });
    row.injected++;
    const end = endOf(one, journals.get(one.run ?? '') ?? [], wrong.has(one.run ?? ''));
    row[end]++;
    if (end === 'silent') report.silent++;
  }
  return report;
}

function endOf(one: Injected, events: readonly Event[], isWrong: boolean): Exclude<keyof KindRow, 'injected'> {
  // The driver asks a store in trouble again until it answers: that all runs ended is what heals it.
  if (one.at === 'store') return 'healed';
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

function isRight(output: Json | undefined, n: number): boolean {
  const { judged, paid, told } = (output ?? {}) as Record<string, Json>;
  return judged === n * 2 + 1 && paid === n && told === n;
}

async function eventsOf(store: Store, run: string): Promise<Event[]> {
  const records = await store.read(run);
  return records.flatMap((record) => decodeRecord(record).flatMap((turn) => turn.events));
}
