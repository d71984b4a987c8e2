/**
 * A campaign: real workers on one real store, killed with kill -9 in the midst of their work, some
 * stopped for longer than their lease and woken again, while runs are started all the time. Then the
 * killing ends, the runs may finish, and everything that was promised is checked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededChance, type SeededChance } from '../../base/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { openSite } from '../../site/site.ts';
import { startPostgres } from '../servers/postgres.ts';
import { createCrew, type Crew, type Hand } from './crew.ts';
import { openPlace, type Place } from './place.ts';
import { worksOf } from './sink-client.ts';
import { startStarter } from './starter.ts';
import { type Kill, type KillReport, verify } from './verify.ts';
import { workflows } from './flows.ts';

export interface KillOptions {
  seconds: number;
  store: 'sqlite' | 'postgres';
  workers: number;
  seed: string;
  /** How many streams are open at once. */
  load?: number;
  leaseMs?: number;
  /** How long the runs may take to finish after the last kill. */
  finishMs?: number;
  /** Of a hundred strikes so many stop a worker for a while instead of killing it. */
  pausesPercent?: number;
  /** Keeps the file of the store here (SQLite), for a look at what was found. */
  keep?: string;
  onSay?: (line: string) => void;
}

const DEFAULTS = { load: 30, leaseMs: 2000, finishMs: 60_000, pausesPercent: 3, onSay: (_line: string): void => {} };
const EVERY_MS = { from: 50, to: 400 };
/** Processes that wait warm: a start takes longer than the time between two kills. */
const WARM = 3;

export async function runKillCampaign(given: KillOptions): Promise<KillReport> {
  const options = { ...DEFAULTS, ...given };
  const dir = await mkdtemp(join(tmpdir(), 'skein-kill-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    const place = await makePlace(options, dir, ends);
    const sinkUrl = await spawnSink(dir, ends);
    return await campaign(options, place, sinkUrl, ends);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

type Ends = (() => Promise<unknown>)[];
type Full = KillOptions & typeof DEFAULTS;

async function makePlace({ store, leaseMs, keep }: Full, dir: string, ends: Ends): Promise<Place> {
  if (store === 'sqlite') return { kind: 'sqlite', at: join(keep ?? dir, 'site.db'), leaseMs };
  const server = await startPostgres();
  ends.push(() => server.close());
  return { kind: 'postgres', at: server.url, leaseMs };
}

export async function spawnSink(dir: string, ends: Ends): Promise<string> {
  const file = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'sink.ts' : 'sink.js');
  const sink = spawn(process.execPath, [file, join(dir, 'sink.jsonl'), '8'], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(async () => {
    sink.kill('SIGKILL');
    if (sink.exitCode === null && sink.signalCode === null) await once(sink, 'exit');
  });
  const [port] = (await once(sink.stdout, 'data')) as [Buffer];
  return `http://127.0.0.1:${String(port).trim()}`;
}

async function campaign(options: Full, place: Place, sinkUrl: string, ends: Ends): Promise<KillReport> {
  const chance = createSeededChance(options.seed);
  const troubles = new Map<string, number>();
  const note = (code: string): void => void troubles.set(code, (troubles.get(code) ?? 0) + 1);
  const store = await openPlace(place);
  ends.push(() => store.close());
  const site = await openSite({ store, worker: 'starter', workflows, works: false });
  ends.push(() => site.stop());
  const crew = createCrew({
    place,
    sinkUrl,
    onWord(_, word) {
      if (word.say === 'started') starter.started(word.run);
      if (word.say !== 'trouble') return;
      note(word.code);
      options.onSay(`trouble: ${word.code} ${word.run ?? ''} ${word.text}`);
    },
  });
  ends.push(() => crew.close());
  crew.fill(options.workers, WARM);
  while (crew.atWork().filter((hand) => hand.state === 'working').length < options.workers) await sleep(10);
  const starter = startStarter({
    site,
    crew,
    chance: chance.split('starter'),
    load: options.load,
    onTrouble(text) {
      note('starter');
      options.onSay(text);
    },
  });
  const struck = await strike(store, crew, chance.split('strikes'), options);
  crew.fill(options.workers, 0);
  options.onSay(`${struck.kills.length} kills, ${struck.pauses} pauses; the runs may finish now`);
  await Promise.race([starter.end(), sleep(options.finishMs, undefined, { ref: false })]);
  const endMs = performance.now() + options.finishMs;
  while ((await store.list({ status: 'open', limit: 1 })).length > 0 && performance.now() < endMs) await sleep(50);
  const works = await worksOf(sinkUrl);
  return verify({ store, works, acknowledged: starter.acknowledged, ...struck, troubles });
}

/** Kills and pauses until the time is over; paused ones are woken before it returns. */
async function strike(
  store: Store,
  crew: Crew,
  chance: SeededChance,
  { seconds, workers, leaseMs, pausesPercent }: Full,
): Promise<{ kills: Kill[]; pauses: number }> {
  const kills: Kill[] = [];
  const waking: Promise<void>[] = [];
  let pauses = 0;
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    await sleep(EVERY_MS.from + chance.int(EVERY_MS.to - EVERY_MS.from + 1));
    const targets = crew.atWork();
    if (targets.length === 0) continue;
    const hand = chance.pick(targets);
    const isPause = chance.int(100) < pausesPercent && hand.state === 'working';
    if (isPause) {
      pauses++;
      waking.push(pause(crew, hand, leaseMs * (1.2 + chance.next())));
    } else {
      const atMs = crew.kill(hand);
      // At once: what it held is still written as its own.
      const open = await store.list({ status: 'open', limit: 1000 });
      const held = open.filter(({ owner }) => owner === hand.worker).map(({ stream }) => stream);
      kills.push({ worker: hand.worker, atMs, held: new Set(held) });
    }
    crew.fill(workers, WARM);
  }
  await Promise.all(waking);
  return { kills, pauses };
}

async function pause(crew: Crew, hand: Hand, forMs: number): Promise<void> {
  crew.pause(hand);
  await sleep(forMs);
  crew.resume(hand);
}
