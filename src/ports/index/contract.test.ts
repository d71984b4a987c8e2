import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiEmbedder } from './api.ts';
import { embedderContract, indexContract } from './contract.ts';
import { createExactIndex } from './exact.ts';
import { createGrowingIndex } from './growing.ts';
import { createHashedEmbedder } from './hashed.ts';
import { createUsearchIndex } from './usearch.ts';

/** A server that speaks the embeddings API; its vectors are those of the offline embedder. */
const behind = createHashedEmbedder({ dims: 64 });
let status = 200;
const asked: { authorization?: string; body: { model: string; input: string[] } }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { model: string; input: string[] };
    asked.push({ authorization: request.headers.authorization, body });
    const vectors = behind.embed(body.input) as Float32Array[];
    const data = vectors.map((vector, index) => ({ index, embedding: [...vector].map((one) => one * 3) }));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { data: data.toReversed() } : { error: 'no' }));
  });
});
let baseUrl = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const api = (more: object = {}) => createApiEmbedder({ baseUrl, model: 'm', dims: 64, key: 'secret', ...more });

describe('offline embedder', () => {
  test.for(embedderContract)('$name', (row) => row.run(createHashedEmbedder()));

  test('names in code are words', () => {
    const [camel, snake, words, other] = createHashedEmbedder().embed([
      'searchFlights',
      'search_flights',
      'search flights',
      'translateText',
    ]) as Float32Array[];
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, one, i) => sum + one * b[i]!, 0);
    expect(dot(camel!, words!)).toBeCloseTo(1);
    expect(dot(snake!, words!)).toBeCloseTo(1);
    expect(dot(camel!, other!)).toBeLessThan(0.4);
  });
});

describe('embedder over an API', () => {
  test.for(embedderContract)('$name', (row) => row.run(api()));

  test('the key is sent, and a text is asked for once', async () => {
    asked.length = 0;
    const embedder = api();
    await embedder.embed(['a', 'b', 'a']);
    await embedder.embed(['b']);
    expect(asked).toEqual([{ authorization: 'Bearer secret', body: { model: 'm', input: ['a', 'b'] } }]);
  });

  test('what goes wrong is said in words: an error, another number of dimensions, silence', async () => {
    status = 500;
    await expect(api().embed(['x'])).rejects.toThrow(/it answered 500/);
    status = 200;
    await expect(api({ dims: 65 }).embed(['x'])).rejects.toThrow(/gives 64 dimensions, not 65/);
    const silent = api({
      timeoutMs: 20,
      fetch: (_: unknown, init: RequestInit) =>
        new Promise((_resolve, reject) =>
          init.signal!.addEventListener('abort', () => reject(init.signal!.reason as Error)),
        ),
    });
    await expect(silent.embed(['x'])).rejects.toThrow(/no answer in 20 ms/);
  });

  test('an answer without an end, and numbers that are none in 32 bits, are refused', async () => {
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (pieces++ < 100) controller.enqueue(new Uint8Array(2 ** 20));
        else controller.close();
      },
    });
    await expect(api({ fetch: async () => new Response(endless) }).embed(['x'])).rejects.toThrow(/answer is too long/);
    expect(pieces).toBeLessThan(70);
    const data = [{ index: 0, embedding: Array.from({ length: 64 }, () => 1e39) }];
    await expect(api({ fetch: async () => Response.json({ data }) }).embed(['x'])).rejects.toThrow(/32 bits/);
  });
});

describe.each([
  ['exact', createExactIndex],
  ['usearch', (dims: number) => createUsearchIndex({ dims })],
  ['growing', (dims: number) => createGrowingIndex({ dims, exactUpTo: 100 })],
] as const)('%s index', (_name, open) => {
  test.for(indexContract)('$name', (row) => row.run(open));
});
