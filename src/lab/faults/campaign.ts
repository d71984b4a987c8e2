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
import { createInjector, endOf, type FaultRule, type Injected, type InjectedEnd } from '../../site/faults/index.ts';
import { openSite } from '../../site/site.ts';
import { createTrialClock } from '../trial/index.ts';

export interface CampaignOptions {
  runs: number;
  seed: string;
  /** Of the calls, how many go wrong. */
  rate: number;
  kinds?: readonly string[];
}

/** So many were put in, and what became of them. */
export type KindRow = { injected: number } & Record<InjectedEnd, number>;

export function newRow(): KindRow {
  return { injected: 0, healed: 0, escalated: 0, harmless: 0, silent: 0 };
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
  rest: { wait: 1s, after: pay }
  tell: { ask: mail, with: '\${input.n}', timeout: 5s, after: rest, returns: { type: object, required: [told] }, alternatives: [{ ask: text }] }
output: { judged: '\${steps.judge}', paid: '\${steps.pay.paid}', told: '\${steps.tell.told}' }
`;

/** Wrong answers can only be told where several are heard: elsewhere they would be believed, by design. */
const ONLY_ON_PANELS = new Set(['wrong']);
/** All that there is at a store (site/faults/rules.ts says why not the others). */
const AT_STORES = AGENT_TROUBLES.filter((kind) => kind !== 'reorder');
/** A site that cannot read its store when it opens is not there: nothing of it could heal. */
const OPENED_MS = 50;
/** Damage shows when something is read, which is rare: then it is damaged so often. */
const DAMAGED = 0.2;
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
    // What leaves memory is read back: that is where damage shows.
    evictAfterMs: 0,
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
    else {
      const probability = kinds === undefined ? each : rate;
      rules.push({ at: 'tools', kind, ...often, probability });
      rules.push({ at: 'agents', kind, ...often, probability });
    }
  }
  if (wanted('store')) {
    for (const kind of AT_STORES) {
      const isDamage = kind === 'wrong' || kind === 'malformed' || kind === 'truncated';
      rules.push({
        at: 'store',
        kind,
        ...often,
        afterMs: OPENED_MS,
        probability: isDamage ? DAMAGED : rate / (2 * AT_STORES.length),
      });
    }
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
    const name = `${PLACE[one.at]} ${one.kind}`;
    const row = (kinds[name] ??= newRow());
    row.injected++;
    const end = endAt(one, journals.get(one.run ?? '') ?? [], wrong.has(one.run ?? ''));
    row[end]++;
    if (end === 'silent') report.silent++;
  }
  return report;
}

const PLACE = { agents: 'agent', tools: 'tool', store: 'store', doors: 'door' } as const;

function endAt(one: Injected, events: readonly Event[], isWrong: boolean): InjectedEnd {
  // The driver asks a store in trouble again until it answers: that all runs ended is what heals it.
  if (one.at === 'store') return one.kind === 'slow' || one.kind === 'duplicate' ? 'harmless' : 'healed';
  return endOf(one, events, isWrong);
}

function isRight(output: Json | undefined, n: number): boolean {
  const { judged, paid, told } = (output ?? {}) as Record<string, Json>;
  return judged === n * 2 + 1 && paid === n && told === n;
}

async function eventsOf(store: Store, run: string): Promise<Event[]> {
  const records = await store.read(run);
  return records.flatMap((record) => decodeRecord(record).flatMap((turn) => turn.events));
}
