/** The gRPC binding going wrong on purpose, over real connections. */
import { credentials, makeGenericClientConstructor, Metadata, status } from '@grpc/grpc-js';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { createNet } from '../../ports/net/index.ts';
import { realClock } from '../../site/clock.ts';
import type { DoorTrouble } from '../../site/faults/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import { createToken, tokenList } from '../guard/index.ts';
import { type A2aServing, serveA2a } from './index.ts';

type Done = (error: { code: number; details: string; metadata: Metadata } | null, reply?: unknown) => void;
interface Stub {
  sendMessage(request: object, metadata: Metadata, options: object, done: Done): { cancel(): void };
  subscribeToTask(
    request: object,
    metadata: Metadata,
  ): { on(event: string, heard: (said: never) => void): void; cancel(): void };
  close(): void;
}

let next: DoorTrouble | undefined;
const asked: string[] = [];
const token = createToken();
let site: Site;
let serving: A2aServing;
let stub: Stub;
beforeAll(async () => {
  const short = workflow('short', async () => 'done');
  const long = workflow('long', (run) => run.wait('long', { ms: 60_000 }));
  site = await openSite({ workflows: [short, long] });
  serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    grpc: {},
    tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
    faults: {
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      decide(door, call) {
        asked.push(`${door} ${call}`);
        const trouble = next;
        next = undefined;
        return trouble;
      },
    },
  });
  const Client = makeGenericClientConstructor(A2AService, 'A2A');
  stub = new Client(serving.grpc!, credentials.createInsecure()) as unknown as Stub;
});
afterAll(async () => {
  stub.close();
  await serving.close();
  await site.stop({ graceMs: 0 });
});

function signed(): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  metadata.set('a2a-version', '1.0');
  return metadata;
}

let messages = 0;

/** Starts a run by a message; how many runs that made, and how long the answer took. */
async function send(kind: DoorTrouble['kind'] | undefined, more: Partial<DoorTrouble> = {}) {
  const before = (await site.runs({ limit: 1_000 })).runs.length;
  next = kind && { kind, ms: 60, worked: false, ...more };
  const begun = performance.now();
  const message = {
    messageId: `m${messages++}`,
    contextId: '',
    taskId: '',
    role: 1,
    parts: [{ content: { $case: 'text', value: 'hi' }, filename: '', mediaType: '' }],
    extensions: [],
    referenceTaskIds: [],
  };
  // Only who hangs is given up soon: a busy machine takes its time for the others.
  const deadline = Date.now() + (kind === 'hang' ? 2_000 : 20_000);
  const heard = await new Promise<{ code: number; pushback?: string }>((resolve) =>
    stub.sendMessage({ tenant: 'short', message }, signed(), { deadline }, (error, reply) => {
      if (error === null) return resolve({ code: reply === undefined ? -1 : status.OK });
      const pushback = error.metadata.get('grpc-retry-pushback-ms')[0]?.toString();
      resolve({ code: error.code, pushback });
    }),
  );
  const tookMs = performance.now() - begun;
  return { ...heard, runs: (await site.runs({ limit: 1_000 })).runs.length - before, tookMs };
}

test('each kind, as its caller sees it', async () => {
  const { OK, UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, INTERNAL } = status;
  expect(await send(undefined)).toMatchObject({ code: OK, runs: 1 });
  expect(asked.at(-1)).toBe('a2a gRPC /lf.a2a.v1.A2AService/SendMessage');
  expect(await send('crash')).toMatchObject({ code: UNAVAILABLE, runs: 0 });
  expect(await send('crash', { worked: true })).toMatchObject({ code: UNAVAILABLE, runs: 1 });
  expect(await send('partition', { worked: true })).toMatchObject({ code: UNAVAILABLE, runs: 0 });
  expect(await send('hang')).toMatchObject({ code: DEADLINE_EXCEEDED, runs: 0 });
  expect(await send('hang', { worked: true })).toMatchObject({ code: DEADLINE_EXCEEDED, runs: 1 });
  expect(await send('flap')).toMatchObject({ code: UNAVAILABLE, runs: 0 });
  expect(await send('rate-limit')).toMatchObject({ code: RESOURCE_EXHAUSTED, pushback: '60', runs: 0 });
  // What cannot be read fails at the client: it worked all the same.
  expect(await send('malformed')).toMatchObject({ code: INTERNAL, runs: 1 });
  expect(await send('truncated')).toMatchObject({ code: INTERNAL, runs: 1 });
  // A message has an id: worked twice it starts one run.
  expect(await send('duplicate')).toMatchObject({ code: OK, runs: 1 });
  for (const kind of ['slow', 'reorder'] as const) {
    const late = await send(kind);
    expect(late).toMatchObject({ code: OK, runs: 1 });
    expect(late.tookMs).toBeGreaterThan(50);
  }
  expect(await send(undefined)).toMatchObject({ code: OK, runs: 1 });
});

test('streams too', async () => {
  const { run } = await site.start('long', null, { by: { id: 'ann', rights: ['*'] }, door: { kind: 'a2a' } });
  const follow = (kind: DoorTrouble['kind'] | undefined) => {
    next = kind && { kind, ms: 60, worked: true };
    const stream = stub.subscribeToTask({ tenant: '', id: run }, signed());
    return new Promise<number>((resolve) => {
      stream.on('data', () => {
        resolve(status.OK);
        stream.cancel();
      });
      stream.on('error', (error: { code: number }) => resolve(error.code));
    });
  };
  expect(await follow(undefined)).toBe(status.OK);
  for (const kind of ['crash', 'partition', 'flap'] as const) expect(await follow(kind)).toBe(status.UNAVAILABLE);
  expect(await follow('rate-limit')).toBe(status.RESOURCE_EXHAUSTED);
  for (const kind of ['malformed', 'truncated'] as const) expect(await follow(kind)).toBe(status.INTERNAL);
  for (const kind of ['slow', 'reorder', 'duplicate'] as const) expect(await follow(kind)).toBe(status.OK);
});
