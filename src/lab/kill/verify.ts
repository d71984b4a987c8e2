/** What a kill campaign must show: nothing promised is lost, nothing is done twice, every run comes to its end. */
import { canonicalJson } from '../../base/index.ts';
import { decodeRecord, type Event, type Turn } from '../../model/index.ts';
import type { Store, StreamInfo } from '../../ports/store/index.ts';
import { verifyStream } from '../../site/audit/index.ts';
import { type Errand, expectedEffects, expectedOutput } from './flows.ts';
import type { SinkWork } from './sink-client.ts';

export interface Kill {
  worker: string;
  /** Wall time. */
  atMs: number;
  /** Open runs that were its own when it died. One that was parked and given up was interrupted by nobody. */
  held: ReadonlySet<string>;
}

export interface Evidence {
  store: Store;
  works: readonly SinkWork[];
  acknowledged: ReadonlyMap<string, Errand>;
  kills: readonly Kill[];
  pauses: number;
  troubles: ReadonlyMap<string, number>;
}

export interface KillReport {
  kills: number;
  /** Runs whose start was acknowledged. */
  runs: number;
  /** Of them: not there, ended otherwise than they must, or without an effect that they must have had. */
  lost: number;
  /** Effects that were done more often than once. */
  duplicated: number;
  /** Runs, children included, that have not ended. */
  unfinished: number;
  resumeMsP50: number | null;
  resumeMsP99: number | null;
  resumeMsMax: number | null;
  /** Journals whose chain, epochs or steps are not as they must be. */
  broken: number;
  pauses: number;
  effects: number;
  /** Calls that the sink knew already. */
  repeated: number;
  /** How often a run was taken up after its owner was killed. */
  takeovers: number;
  events: number;
  troubles: Record<string, number>;
  /** The first few of what is wrong, in words. */
  findings: string[];
}

const MAX_FINDINGS = 20;

export function isGood({ lost, duplicated, unfinished, broken }: KillReport): boolean {
  return lost + duplicated + unfinished + broken === 0;
}

export async function verify(evidence: Evidence): Promise<KillReport> {
  const { store, works, acknowledged, kills } = evidence;
  const findings: string[] = [];
  const find = (text: string): void => void (findings.length < MAX_FINDINGS && findings.push(text));
  const seen = new Set<string>();
  const promised = new Set<string>();
  const resumes: number[] = [];
  const bad = { lost: 0, unfinished: 0, broken: 0 };
  let events = 0;
  for await (const info of all(store)) {
    const { stream } = info;
    seen.add(stream);
    const journal = await read(store, stream);
    events += info.head;
    const wrong = [...(await chainOf(store, stream)), ...problemsIn(journal)];
    if (wrong.length > 0) bad.broken++;
    for (const text of wrong) find(`${stream}: ${text}`);
    resumes.push(...resumesOf(stream, journal, kills));
    for (const key of effectKeys(stream, journal)) promised.add(key);
    if (info.status !== 'ended') {
      bad.unfinished++;
      find(`${stream} has not ended: ${lastOf(journal)}, owner ${info.owner ?? 'none'}, epoch ${info.epoch}`);
    }
  }
  const doneBy = new Map<string, Set<string>>();
  for (const { key, what } of works) doneBy.set(what, (doneBy.get(what) ?? new Set()).add(key));
  let duplicated = 0;
  for (const [what, keys] of doneBy) {
    if (keys.size === 1) continue;
    duplicated += keys.size - 1;
    find(`'${what}' was done under ${keys.size} keys`);
  }
  const done = new Set(works.map(({ key }) => key));
  for (const key of done) if (!promised.has(key)) find(`the sink did ${key}, and no journal says so`);
  const strays = [...done].filter((key) => !promised.has(key)).length;
  for (const [run, input] of acknowledged) {
    const why = await lostBecause(store, run, input, seen, done, promised);
    if (why === undefined) continue;
    bad.lost++;
    find(`${run}: ${why}`);
  }
  resumes.sort((a, b) => a - b);
  return {
    kills: kills.length,
    runs: acknowledged.size,
    ...bad,
    duplicated: duplicated + strays,
    resumeMsP50: quantile(resumes, 0.5),
    resumeMsP99: quantile(resumes, 0.99),
    resumeMsMax: resumes.at(-1) ?? null,
    pauses: evidence.pauses,
    effects: done.size,
    repeated: works.reduce((sum, { asked }) => sum + asked - 1, 0),
    takeovers: resumes.length,
    events,
    troubles: Object.fromEntries(evidence.troubles),
    findings,
  };
}

async function* all(store: Store): AsyncGenerator<StreamInfo> {
  for (let after: string | undefined; ;) {
    const page = await store.list({ limit: 500, after });
    yield* page;
    if (page.length < 500) return;
    after = page.at(-1)!.stream;
  }
}

async function chainOf(store: Store, stream: string): Promise<string[]> {
  return (await verifyStream(store, stream)).map(({ kind, seq, detail }) => `${kind} at ${seq}: ${detail}`);
}

interface Told {
  epoch: number;
  turns: Turn[];
}

async function read(store: Store, stream: string): Promise<Told[]> {
  return (await store.read(stream)).map((record) => ({ epoch: record.epoch, turns: decodeRecord(record) }));
}

function* eventsOf(journal: readonly Told[]): Generator<{ event: Event; at: number; epoch: number }> {
  for (const { epoch, turns } of journal)
    for (const { at, events } of turns) for (const event of events) yield { event, at, epoch };
}

/** No settled step is worked again, and nobody writes in an epoch that is not theirs. */
function problemsIn(journal: readonly Told[]): string[] {
  const problems: string[] = [];
  const settled = new Set<string>();
  for (const { event, epoch } of eventsOf(journal)) {
    if (event.type === 'run.claimed' && event.epoch !== epoch)
      problems.push(`claimed as epoch ${event.epoch} in a record of epoch ${epoch}`);
    if (event.type === 'step.settled') {
      if (settled.has(event.step)) problems.push(`'${event.step}' was settled twice`);
      settled.add(event.step);
      if (event.out !== 'ok') problems.push(`'${event.step}' ended ${event.out}: ${event.fault?.message ?? ''}`);
    }
    if (event.type === 'attempt.begun' && settled.has(event.step))
      problems.push(`'${event.step}' was worked again after it had settled`);
  }
  return problems;
}

/** Times from each kill that found the run held to the run's first new event: that of its next claim. */
function resumesOf(stream: string, journal: readonly Told[], kills: readonly Kill[]): number[] {
  const hits = kills.filter(({ held }) => held.has(stream));
  if (hits.length === 0) return [];
  const claims = [...eventsOf(journal)].filter(({ event }) => event.type === 'run.claimed').map(({ at }) => at);
  return hits.flatMap(({ atMs }) => {
    const next = claims.find((at) => at >= atMs);
    return next === undefined ? [] : [next - atMs];
  });
}

/** Keys of the effects that this journal says were begun. */
function effectKeys(run: string, journal: readonly Told[]): string[] {
  const asked = new Map<string, string>();
  const keys: string[] = [];
  for (const { event } of eventsOf(journal)) {
    if (event.type === 'step.asked') asked.set(event.step, event.hash);
    if (event.type === 'attempt.begun' && event.effect !== 'pure')
      keys.push(`${run}:${event.step}:${asked.get(event.step)}`);
  }
  return keys;
}

async function lostBecause(
  store: Store,
  run: string,
  input: Errand,
  seen: ReadonlySet<string>,
  done: ReadonlySet<string>,
  promised: ReadonlySet<string>,
): Promise<string | undefined> {
  if (!seen.has(run)) return 'it was acknowledged and is not there';
  const info = await store.info(run);
  if (info?.status !== 'ended') return undefined;
  const journal = await read(store, run);
  const end = [...eventsOf(journal)].find(({ event }) => event.type === 'run.ended')?.event as
    | Extract<Event, { type: 'run.ended' }>
    | undefined;
  if (end?.outcome !== 'completed') return `it ended ${end?.outcome}: ${end?.fault?.message ?? ''}`;
  if (canonicalJson(end.data) !== canonicalJson(expectedOutput(input)))
    return `its output is ${JSON.stringify(end.data)}`;
  const runs = family(run, journal);
  const keys = [...promised].filter((key) => runs.some((one) => key.startsWith(`${one}:`)));
  const missing = keys.filter((key) => !done.has(key)).length;
  const effects = expectedEffects(input);
  if (missing > 0 || keys.length !== effects)
    return `it has ${keys.length - missing} effects at the sink and ${keys.length} in its journal, not ${effects}`;
  return undefined;
}

/** The run and the runs that it started. */
function family(run: string, journal: readonly Told[]): string[] {
  return [run, ...[...eventsOf(journal)].flatMap(({ event }) => (event.type === 'child.started' ? [event.run] : []))];
}

function lastOf(journal: readonly Told[]): string {
  const last = [...eventsOf(journal)].at(-1);
  return last === undefined ? 'nothing happened' : `the last event is ${last.event.type} at ${last.at}`;
}

function quantile(sorted: readonly number[], q: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}
