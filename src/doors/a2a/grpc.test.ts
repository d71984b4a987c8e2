/** gRPC under the guard: rates, refused tokens and places are counted with those of the other bindings. */
import { credentials, makeGenericClientConstructor, Metadata, status } from '@grpc/grpc-js';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { createNet } from '../../ports/net/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite } from '../../site/site.ts';
import { createToken, type Limits, tokenList } from '../guard/index.ts';
import { serveA2a } from './index.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

type Done = (error: { code: number; details: string } | null, reply?: unknown) => void;
interface Stub {
  listTasks(request: object, metadata: Metadata, done: Done): void;
  subscribeToTask(
    request: object,
    metadata: Metadata,
  ): { on(event: string, heard: (said: never) => void): void; cancel(): void };
  close(): void;
}

async function open(limits: Partial<Limits>) {
  const slow = workflow('slow', (run) => run.wait('long', { ms: 60_000 }));
  const site = await openSite({ workflows: [slow] });
  const token = createToken();
  const serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    limits,
    grpc: {},
    tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
  });
  const Client = makeGenericClientConstructor(A2AService, 'A2A');
  const stub = new Client(serving.grpc!, credentials.createInsecure()) as unknown as Stub;
  opened.push(async () => {
    stub.close();
    await serving.close();
    await site.stop({ graceMs: 0 });
  });
  return { site, token, serving, stub };
}

function signed(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  metadata.set('a2a-version', '1.0');
  return metadata;
}

function list(stub: Stub, token: string): Promise<number> {
  const request = { tenant: '', contextId: '', status: 0, pageToken: '', statusTimestampAfter: undefined };
  return new Promise((resolve) => stub.listTasks(request, signed(token), (error) => resolve(error?.code ?? status.OK)));
}

const CALLS = 12;

test('calls of one principal are slowed down, and those over HTTP count with them', async () => {
  const { stub, token, serving } = await open({ principalPerSecond: 0.001, principalBurst: CALLS });
  const codes: number[] = [];
  for (let i = 0; i < CALLS / 2; i++) codes.push(await list(stub, token));
  const http = async () => {
    const headers = { authorization: `Bearer ${token}`, 'a2a-version': '1.0' };
    return (await fetch(`${serving.url}/a2a/rest/tasks`, { headers })).status;
  };
  for (let i = 0; i < CALLS / 2; i++) expect(await http()).toBe(200);
  expect(codes).toEqual(codes.map(() => status.OK));
  expect(await list(stub, token)).toBe(status.RESOURCE_EXHAUSTED);
  expect(await http()).toBe(429);
});

test('an address that tries tokens is slowed down', async () => {
  const { stub } = await open({ refusedPerSecond: 0.001, refusedBurst: 3 });
  const codes = [];
  for (let i = 0; i < 5; i++) codes.push(await list(stub, createToken()));
  const { UNAUTHENTICATED, RESOURCE_EXHAUSTED } = status;
  expect(codes).toEqual([UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED, RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED]);
});

test('an address that calls too often is slowed down, with a good token too', async () => {
  const { stub, token } = await open({ addressPerSecond: 0.001, addressBurst: 2 });
  expect([await list(stub, token), await list(stub, token), await list(stub, token)]).toEqual([
    status.OK,
    status.OK,
    status.RESOURCE_EXHAUSTED,
  ]);
});

test('streams have places, and give them back', async () => {
  const { stub, token, site } = await open({ principalStreams: 1 });
  const { run } = await site.start('slow', null, { by: { id: 'ann', rights: ['*'] }, door: { kind: 'a2a' } });
  const follow = () => {
    const stream = stub.subscribeToTask({ tenant: '', id: run }, signed(token));
    const first = new Promise<number>((resolve) => {
      stream.on('data', () => resolve(status.OK));
      stream.on('error', (error: { code: number }) => resolve(error.code));
    });
    return { first, stream };
  };
  const one = follow();
  expect(await one.first).toBe(status.OK);
  expect(await follow().first).toBe(status.RESOURCE_EXHAUSTED);
  one.stream.cancel();
  await expect
    .poll(async () => {
      const next = follow();
      const code = await next.first;
      next.stream.cancel();
      return code;
    })
    .toBe(status.OK);
});
