/**
 * A worker in a process of its own. Told by messages: `create run`, `next run`; or, started with
 * `drive`, it claims runs by itself and adds one record after another until each has STEPS of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { journal, type Journal } from '../../src/ports/store/contract/kit.ts';
import { createPostgresStore, type PostgresStoreOptions } from '../../src/ports/store/postgres.ts';
import type { AppendResult, Membership, Store } from '../../src/ports/store/port.ts';

export const STEPS = 40;
export const RUNS = 24;
/** While both are there, neither takes more: losing one always shows something. */
const SHARE = RUNS / 2;

if (process.argv[1] === import.meta.filename) await main();

async function main(): Promise<void> {
  const [options, worker, mode] = process.argv.slice(2) as [string, string, string | undefined];
  const store = await createPostgresStore(JSON.parse(options) as PostgresStoreOptions);
  const member = await store.join(worker);
  if (mode === 'drive') void drive(store, member);
  else obey(member);
  process.send?.({ ready: true });
  // The console is the way out of a network namespace.
  process.stdout.write('ready\n');
}

function obey(member: Membership): void {
  const runs = new Map<string, Journal>();
  process.on('message', (text: string) => {
    const [verb, stream] = text.split(' ') as [string, string];
    const run = runs.get(stream) ?? journal(stream);
    runs.set(stream, run);
    void member.commit([verb === 'create' ? run.create() : run.next()], true).then(
      ([result]) => process.send!(result!),
      (error: unknown) => process.send!({ code: (error as { code?: string }).code }),
    );
  });
}

async function drive(store: Store, member: Membership): Promise<void> {
  const alive = async (): Promise<number> => (await store.workers()).filter((w) => w.alive).length;
  for (let tries = 0; tries < 500 && (await alive()) < 2; tries++) await sleep(10);
  const held = new Set<string>();
  let unsure = false;
  for (;;) {
    const room = (await alive().catch(() => 2)) < 2 ? RUNS : SHARE - held.size;
    if (room < 1) {
      await sleep(20);
      continue;
    }
    const request = { has: null, format: 1, limit: Math.min(4, room), nowMs: Date.now() };
    const claimed = await member.claim(unsure ? { ...request, holds: (id) => held.has(id) } : request).catch(() => {
      unsure = true;
      return [];
    });
    if (claimed.length > 0) unsure = false;
    for (const { stream, head, hash, epoch } of claimed) {
      held.add(stream);
      void work(member, journal(stream, { head, hash, epoch })).finally(() => held.delete(stream));
    }
    await sleep(20);
  }
}

async function work(member: Membership, run: Journal): Promise<void> {
  while (run.head < STEPS) {
    const last = run.head === STEPS - 1;
    const append = run.next(last ? { status: 'ended' } : {});
    let result: AppendResult | undefined;
    while (result === undefined) {
      result = await member.commit([append], true).then(
        ([one]) => one,
        async () => await sleep(20, undefined),
      );
    }
    // After a commit that threw, the head it made tells that it had gone through.
    if (!result.ok && !(result.why === 'head' && result.head === run.head && result.epoch === run.epoch)) return;
    await sleep(10);
  }
}
