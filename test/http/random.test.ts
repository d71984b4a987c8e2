/**
 * Requests of random shape against a site that works: each is answered, in time, with a status that the document
 * promises and a body as it promises; never 500; and the site works on as if nothing had been.
 * `SKEIN_REQUESTS=100000 npx vitest run test/http/random` sends more than the usual ten thousand.
 */
import { request as send } from 'node:http';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Listening } from '../../src/doors/guard/index.ts';
import { CALLERS, openDesk } from './desk.ts';
import { operations, wrongWith } from './document.ts';
import { type RandomRequest, randomRequest } from './shapes.ts';

const REQUESTS = Number(process.env['SKEIN_REQUESTS'] ?? 10_000);
/** No answer takes so long, on however busy a machine. */
const ANSWER_MS = 20_000;

let desk: Awaited<ReturnType<typeof openDesk>>;
let door: Listening;
const runs: string[] = [];
beforeAll(async () => {
  const many = 1e9;
  desk = await openDesk({
    drifts: true,
    limits: { addressBurst: many, principalBurst: many, refusedBurst: many, bodyBytes: 20_000 },
  });
  door = await desk.door.listen();
  runs.push(await desk.drifting());
  for (const [workflow, input] of [
    ['greet', { name: 'bo' }],
    ['pay', undefined],
    ['pay', undefined],
  ] as const)
    runs.push((await desk.site.start(workflow, input, { by: { id: 'ann', rights: ['*'] } })).run);
});
afterAll(async () => {
  await door.close();
  await desk.site.stop();
});

test(`${REQUESTS} requests of random shape`, async () => {
  const seen = new Map<string, number>();
  const often = ['ok', 'go', 'hello', 'greet', 'pay'];
  const words = [...often, ...often, ...often, 'greet@1', 'drifter', 'all', ...Object.keys(CALLERS)];
  const shape = randomRequest({ callers: Object.keys(CALLERS), runs: () => runs, words });
  await fc.assert(
    fc.asyncProperty(shape, async (request) => {
      const got = await answerTo(request);
      const operation = named(request.operation);
      const { method } = request;
      seen.set(`${operation.name} ${got.status}`, (seen.get(`${operation.name} ${got.status}`) ?? 0) + 1);
      expect(got.status).not.toBe(500);
      if (method === operation.method) expect(wrongWith(operation, got)).toBeUndefined();
      else if (method === 'HEAD') expect(got.body).toBe('');
      if (got.status === 201) remember((JSON.parse(got.body) as { run: string }).run);
    }),
    { numRuns: REQUESTS, verbose: 0 },
  );
  // It was no shadow play: every call was taken well at some time, and refused in many ways.
  expect(
    new Set([...seen.keys()].filter((key) => / 20\d$/.test(key)).map((key) => key.split(' ')[0])).size,
  ).toBeGreaterThan(18);
  expect(seen.size).toBeGreaterThan(70);
  expect(desk.troubles).toEqual([]);
  // Readers that went, and HEAD requests that read nothing, hold nothing.
  await expect.poll(() => desk.door.guard.counts(), { timeout: ANSWER_MS }).toMatchObject({ streams: 0, underWay: 0 });
  const run = await desk.site.start('greet', { name: 'after' });
  expect(await run.output()).toBe('hello after');
  console.log(`${REQUESTS} requests, ${seen.size} kinds of answers, ${runs.length} runs`);
}, 600_000);

test('bytes that are no HTTP are answered or cut off, and others are served meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (bytes, starts) => {
      const closed = await new Promise<boolean>((resolve) => {
        const socket = connect(door.port, '127.0.0.1', () => {
          if (starts) socket.write('GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n');
          socket.end(bytes);
        });
        socket.setTimeout(ANSWER_MS, () => resolve(false));
        socket.on('error', () => resolve(true));
        socket.on('close', () => resolve(true));
        socket.resume();
      });
      expect(closed).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
});

function named(operation: string) {
  return operations.find(({ name }) => name === operation)!;
}

function remember(run: string): void {
  runs.push(run);
  if (runs.length > 40) runs.splice(5, 1);
}

/** By hand, because what browsers and `fetch` forbid is what is wanted here. */
function answerTo({ operation, who, method, run: drawn, query, headers, body }: RandomRequest) {
  const run = /^#\d+$/.test(drawn) ? runs[Number(drawn.slice(1)) % runs.length]! : drawn;
  const search = new URLSearchParams(query).toString();
  const path = named(operation).path.replace('{run}', encodeURIComponent(run.toWellFormed()));
  return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
    const token = desk.tokens[who];
    const call = send(`${door.url}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
      timeout: ANSWER_MS,
    });
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path} in ${ANSWER_MS} ms`)));
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      const type = response.headers['content-type'] ?? '';
      const done = () => resolve({ status: response.statusCode!, type, body: text });
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        // A stream of a run that goes on has no end: that it began is what counts.
        if (type.startsWith('text/event-stream')) {
          done();
          call.destroy();
        }
      });
      response.on('end', done);
      response.on('error', done);
    });
    call.end(body);
  });
}
