/**
 * A campaign of faults at the door: clients start runs, answer a gate, say a signal and read the journal through a real
 * HTTP door on loopback that crashes, hangs, cuts and repeats. Whatever went wrong on a client's way is healed if in the
 * end it had what it asked for, once; escalated if it was told a fault; silent if it believes what is not so.
 */
import { plan } from '../../author/index.ts';
import { canonicalJson, Fault, type Json } from '../../base/index.ts';
import { createClient } from '../../client/index.ts';
import { createHttpDoor } from '../../doors/http/index.ts';
import { AGENT_TROUBLES, functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { realClock } from '../../site/clock.ts';
import { createInjector, type FaultRule, type InjectedEnd } from '../../site/faults/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import { eventsOf } from '../trial/index.ts';
import { type KindRow, newRow } from './campaign.ts';

export interface DoorCampaign {
  kinds: Record<string, KindRow>;
  /** Clients that had what they asked for, and those that were told why not. */
  served: number;
  refused: number;
  /** Runs, signals or answers that are there twice, and clients that believe what is not so. */
  duplicated: number;
  wrong: number;
}

export interface DoorOptions {
  runs: number;
  seed: string;
  rate: number;
  kinds?: readonly string[];
}

/** What a door cannot have is said in site/faults/rules.ts. */
const AT_DOORS = AGENT_TROUBLES.filter((kind) => kind !== 'wrong');
/** Nothing fails by it. */
const MILD = new Set(['slow', 'duplicate', 'reorder']);
const SLOW_MS = 50;
/** A call is given up after this, so that one that hangs is seen. */
const CALL_MS = 1_500;
const PATIENCE_MS = 20_000;
/** Clients at one time. */
const AT_ONCE = 32;
const POLL_MS = 20;
const TOKEN = 'of-the-lab';

const flow = plan('errand')
  .step('look', { gate: {}, with: '${input.n}' })
  .step('word', { signal: 'word', after: 'look' })
  .step('tell', { ask: 'tell', with: '${[input.n, steps.word]}', after: 'word' })
  .workflow();

export async function runDoorCampaign({ runs, seed, rate, kinds }: DoorOptions): Promise<DoorCampaign> {
  const wanted = AT_DOORS.filter((kind) => kinds === undefined || kinds.includes(kind));
  const probability = kinds === undefined ? rate / AT_DOORS.length : rate;
  const rules: FaultRule[] = wanted.map((kind) => ({ at: 'doors', kind, probability, afterMs: 0, ms: SLOW_MS }));
  const injector = createInjector({ seed, rules }, realClock);
  const store = createMemoryStore();
  const teller = functionAgent('teller', { skills: { tell: ([n, word]: [number, string]) => `${n} ${word}` } });
  const site = await openSite({ store, workflows: [flow], agents: [teller], keepFacts: false });
  const tokens = [{ token: TOKEN, principal: { id: 'lab', rights: ['*'] } }];
  const made = await createHttpDoor(site, { tokens, faults: injector.door });
  const listening = await made.listen();
  const report: DoorCampaign = { kinds: {}, served: 0, refused: 0, duplicated: 0, wrong: 0 };
  const ends = new Map<string, InjectedEnd | 'served'>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < runs; n = next++) ends.set(`c${n}`, await journey(listening.url, n));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await listening.close();
  const twice = await repeated(site, runs);
  await site.stop({ graceMs: 0 });
  report.duplicated = twice;
  for (const end of ends.values()) {
    if (end === 'served') report.served++;
    else if (end === 'silent') report.wrong++;
    else report.refused++;
  }
  for (const { kind, from = '' } of injector.injected) {
    const end = ends.get(from) ?? 'silent';
    const row = (report.kinds[`door ${kind}`] ??= newRow());
    row.injected++;
    row[end === 'served' ? (MILD.has(kind) ? 'harmless' : 'healed') : end]++;
  }
  return report;
}

/** What one client wants: a run, a gate passed, a signal heard, its output, and the journal as it is. */
async function journey(url: string, n: number): Promise<'served' | 'escalated' | 'silent'> {
  const headers = { 'user-agent': `c${n}` };
  const send: typeof fetch = (input, init) => {
    const given = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) given.set(name, value);
    return fetch(input, { ...init, headers: given });
  };
  const client = createClient({ url, token: TOKEN, fetch: send, timeoutMs: CALL_MS, patienceMs: PATIENCE_MS });
  try {
    const run = await client.start('errand', { n });
    for (;;) {
      const gates = await run.gates();
      if (gates.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await run.approve('look');
    await run.signal('word', 'go');
    let phase = '';
    while (phase !== 'ended') {
      ({ phase } = await run.show());
      if (phase !== 'ended') await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const lines = [];
    for await (const line of run.journal()) lines.push(line);
    const end = lines.at(-1)?.event;
    const isWhole = lines.every(({ seq }, i) => seq === i);
    if (!isWhole || end?.type !== 'run.ended') return 'silent';
    return canonicalJson(end.data ?? null) === canonicalJson(`${n} go` as Json) ? 'served' : 'silent';
  } catch (thrown) {
    if (thrown instanceof Fault) return 'escalated';
    throw thrown;
  }
}

/** Words that were sent again are heard once, and nothing was started twice. */
async function repeated(site: Site, runs: number): Promise<number> {
  let twice = 0;
  const { runs: listed } = await site.runs({ limit: 1_000 });
  twice += Math.max(0, listed.length - runs);
  for (const { run } of listed) {
    const types = (await eventsOf(site.store, run)).map((event) => event.type);
    for (const once of ['signal.received', 'gate.answered'] as const)
      twice += Math.max(0, types.filter((type) => type === once).length - 1);
  }
  return twice;
}
