import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createExchanges, outgoingOf } from './exchange.ts';
import { wholeResponse } from './whole.ts';

const open: (() => unknown)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of open.splice(0).reverse()) close();
});

async function meet(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const exchanges = createExchanges();
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => exchanges.close(),
  );
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/`);
  return async (mayRepeat: boolean): Promise<string> => {
    const sent = await outgoingOf(url, { method: 'POST', body: 'x' });
    const to = { url, secure: false, hostname: '127.0.0.1', port };
    const pieces: Buffer[] = [];
    for await (const piece of await exchanges.send(to, sent, { mayRepeat })) pieces.push(piece as Buffer);
    // The socket is kept once the answer has been read.
    await new Promise((resolve) => setImmediate(resolve));
    return Buffer.concat(pieces).toString();
  };
}

test('what may be sent twice is sent again when a kept socket closes in the moment of its use', async () => {
  const used = new Map<Socket, number>();
  const heard: number[] = [];
  const send = await meet((request, answer) => {
    const times = (used.get(request.socket) ?? 0) + 1;
    used.set(request.socket, times);
    heard.push(times);
    if (times > 1) return void request.socket.destroy();
    answer.end('well');
  });
  expect(await send(true)).toBe('well');
  expect(await send(true)).toBe('well');
  // The first use, its kept socket's second one that was hung up on, and the repetition on a socket of its own.
  expect(heard).toEqual([1, 2, 1]);
  expect(await send(false)).toBe('well');
  await expect(send(false)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(heard).toEqual([1, 2, 1, 1, 2]);
});

test('what may not be sent twice takes no socket that was idle for long', async () => {
  const sockets = new Set<Socket>();
  const send = await meet((request, answer) => {
    sockets.add(request.socket);
    answer.end('well');
  });
  await send(false);
  await send(false);
  expect(sockets.size).toBe(1);
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_000);
  await send(true);
  expect(sockets.size).toBe(1);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 9_000);
  await send(false);
  expect(sockets.size).toBe(2);
});

test('a whole answer is read as any other, and once', async () => {
  const make = () => wholeResponse(new TextEncoder().encode('{"a":"é"}'), { status: 201, headers: { 'x-y': 'z' } });
  expect(await make().json()).toEqual({ a: 'é' });
  expect(await make().text()).toBe('{"a":"é"}');
  expect(await new Response(make().body).text()).toBe('{"a":"é"}');
  expect(new TextDecoder().decode(await make().arrayBuffer())).toBe('{"a":"é"}');
  expect(await make().clone().json()).toEqual({ a: 'é' });
  const { status, ok, headers } = make();
  expect([status, ok, headers.get('x-y')]).toEqual([201, true, 'z']);
  const read = make();
  await read.text();
  expect(read.bodyUsed).toBe(true);
  await expect(read.json()).rejects.toThrow('already been read');
  const streamed = make();
  await streamed.bytes();
  await expect(streamed.text()).rejects.toThrow('already been read');
});
