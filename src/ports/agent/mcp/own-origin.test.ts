// What the way to a server makes of its answers: the library sees `fetch`, and each message once.
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { createOwnOrigin } from './own-origin.ts';

const open: (() => unknown)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

async function meet(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  const own = createOwnOrigin(url);
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => own.close(),
  );
  const call = (id = 7, init: RequestInit = {}) =>
    own.fetch(url, { method: 'POST', body: JSON.stringify({ method: 'tools/call', jsonrpc: '2.0', id }), ...init });
  return { call, url, own, server };
}

const result = (id: number): string => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } });
const progress = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } });
const stream = (answer: ServerResponse): void => void answer.writeHead(200, { 'content-type': 'text/event-stream' });

test('the answer that comes first in its stream is handed on as a message, and its connection used again', async () => {
  const sockets = new Set<Socket>();
  const { call } = await meet((request, answer) => {
    sockets.add(request.socket);
    stream(answer);
    answer.write(`event: message\nid: 5\ndata: ${result(7)}\n\n`);
    setTimeout(() => answer.end(), 5);
  });
  for (let i = 0; i < 3; i++) {
    const said = await call();
    expect(said.headers.get('content-type')).toBe('application/json');
    expect(JSON.stringify(await said.json())).toBe(result(7));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(sockets.size).toBe(1);
});

test.each([
  ['progress before it', [`data: ${progress}\n\n`, `data: ${result(7)}\n\n`]],
  ['a word for resuming before it', ['id: 1\ndata:\n\n', `data: ${result(7)}\n\n`]],
  ['two events at once', [`data: ${progress}\n\ndata: ${result(7)}\n\n`]],
  ['an answer to something else', [`data: ${result(8)}\n\n`, `data: ${result(7)}\n\n`]],
  ['an event in pieces', [`data: ${result(7).slice(0, 9)}`, `${result(7).slice(9)}\n\n`]],
  ['what is no JSON', ['data: {oh\n\n', `data: ${result(7)}\n\n`]],
])('a stream with %s stays a stream, whole', async (_, pieces) => {
  const { call } = await meet((_request, answer) => {
    stream(answer);
    pieces.forEach((piece, i) => setTimeout(() => answer.write(piece), 10 * i));
    setTimeout(() => answer.end(), 10 * pieces.length);
  });
  const said = await call();
  expect(said.headers.get('content-type')).toBe('text/event-stream');
  expect(await said.text()).toBe(pieces.join(''));
});

test('packed answers, redirects and answers without a body come as fetch gives them', async () => {
  const { call } = await meet((request, answer) => {
    const way = request.headers['x-way'];
    if (way === 'packed') {
      answer.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      return void answer.end(gzipSync(result(7)));
    }
    if (way === 'away') return void answer.writeHead(307, { location: '/elsewhere' }).end();
    answer.writeHead(way === 'taken' ? 202 : 204).end();
  });
  const by = (way: string) => call(7, { headers: { 'x-way': way } });
  expect(JSON.stringify(await (await by('packed')).json())).toBe(result(7));
  const away = await by('away');
  expect([away.status, away.headers.get('location')]).toEqual([307, '/elsewhere']);
  expect([(await by('taken')).status, await (await by('taken')).text()]).toEqual([202, '']);
  expect((await by('none')).status).toBe(204);
});

test('it fails as fetch does: by the network, by the reason of who aborts, by a stream that broke', async () => {
  const { call, server } = await meet((_request, answer) => {
    stream(answer);
    answer.write(`data: ${progress}\n\n`);
    setTimeout(() => answer.destroy(), 30);
  });
  await expect((await call()).text()).rejects.toThrow('terminated');
  const stop = new AbortController();
  const said = await call(7, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(said.text()).rejects.toThrow('enough');
  await expect(call(7, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  await expect(call()).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
});
