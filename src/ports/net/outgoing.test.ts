import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../base/index.ts';
import { INSIDE_FORMS, netContract } from './contract.ts';
import { createNet } from './outgoing.ts';
import type { NetOptions } from './port.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function open(answer: RequestListener, options: NetOptions = {}) {
  const port = await listen(answer);
  return { port, url: `http://127.0.0.1:${port}`, net: createNet({ allow: [`127.0.0.1:${port}`], ...options }) };
}

describe('outgoing HTTP', () => {
  test.for(netContract)('$name', async (row) => row.run({ open: createNet }));

  test('the table holds at least 60 forms', () => {
    expect(INSIDE_FORMS.length).toBeGreaterThanOrEqual(60);
  });

  test('asks and answers as fetch does', async () => {
    const { net, url } = await open((request, answer) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        answer.setHeader('x-seen', request.headers['x-say'] ?? '');
        answer.statusCode = 201;
        answer.end(JSON.stringify({ method: request.method, path: request.url, body, host: request.headers.host }));
      });
    });
    const answer = await net.fetch(`${url}/a?b=c`, { method: 'POST', body: 'héllo', headers: { 'x-say': 'yes' } });
    expect([answer.status, answer.ok, answer.headers.get('x-seen')]).toEqual([201, true, 'yes']);
    expect(await answer.json()).toEqual({ method: 'POST', path: '/a?b=c', body: 'héllo', host: new URL(url).host });
    net.close();
  });

  test('a name is looked up once per connection: rebinding it finds no second look', async () => {
    let reached = 0;
    const port = await listen((_request, answer) => answer.end(String(++reached)));
    let looks = 0;
    const net = createNet({
      resolve: async () => [{ address: looks++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }],
      limits: { answerMs: 300 },
    });
    const first: unknown = await net.fetch(`http://rebind.example:${port}/`).catch((error: unknown) => error);
    expect(['agent.lost', 'step.timeout']).toContain((first as Fault).code);
    expect(looks).toBe(1);
    await expect(net.fetch(`http://rebind.example:${port}/`)).rejects.toMatchObject({ code: 'address.refused' });
    expect(reached).toBe(0);
    net.close();
  });

  test('a redirect is refused, and says nothing of what is behind it', async () => {
    const inside = await listen((_request, answer) => answer.end('secret'));
    const { net, url } = await open((_request, answer) => {
      answer.writeHead(302, { location: `http://127.0.0.1:${inside}/` });
      answer.end();
    });
    await expect(net.fetch(url)).rejects.toMatchObject({ code: 'address.refused' });
    await expect(net.fetch(url, { limits: { redirects: 3 } })).rejects.toMatchObject({ code: 'address.refused' });
    net.close();
  });

  test('a redirect that may be followed is judged, and takes no credentials to another origin', async () => {
    const seen: unknown[] = [];
    const other = await listen((request, answer) => {
      seen.push(request.headers.authorization);
      answer.end('there');
    });
    const port = await listen((request, answer) => {
      seen.push(request.headers.authorization);
      answer.writeHead(307, { location: `http://127.0.0.1:${other}/` });
      answer.end();
    });
    const net = createNet({ allow: ['127.0.0.1'], limits: { redirects: 1 } });
    const answer = await net.fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: 'Bearer x' } });
    expect(await answer.text()).toBe('there');
    expect(seen).toEqual(['Bearer x', undefined]);
    net.close();
  });

  test('redirects in a circle end', async () => {
    const { net, url } = await open((_request, answer) => {
      answer.writeHead(302, { location: '/' });
      answer.end();
    });
    await expect(net.fetch(url, { limits: { redirects: 5 } })).rejects.toMatchObject({ code: 'address.refused' });
    net.close();
  });

  test('an answer longer than the limit is cut off, announced or not', async () => {
    const { net, url } = await open((request, answer) => {
      if (request.url === '/said') answer.setHeader('content-length', '2000');
      answer.end('x'.repeat(2000));
    });
    const limits = { maxBytes: 1000 };
    await expect(net.fetch(`${url}/said`, { limits })).rejects.toMatchObject({ code: 'output.invalid' });
    const answer = await net.fetch(`${url}/unsaid`, { limits }).catch((error: unknown) => error);
    if (answer instanceof Response) await expect(answer.text()).rejects.toMatchObject({ code: 'output.invalid' });
    else expect(answer).toMatchObject({ code: 'output.invalid' });
    net.close();
  });

  test('an answer that is packed is refused', async () => {
    const { net, url } = await open((_request, answer) => {
      answer.setHeader('content-encoding', 'gzip');
      answer.end('x');
    });
    await expect(net.fetch(url)).rejects.toMatchObject({ code: 'output.invalid' });
    net.close();
  });

  test('a host that never answers, one that falls silent and one that drips are all left', async () => {
    const { net, url } = await open((request, answer) => {
      if (request.url === '/never') return;
      answer.write('a');
      if (request.url === '/drip') setInterval(() => answer.write('a'), 20).unref();
    });
    await expect(net.fetch(`${url}/never`, { limits: { answerMs: 50 } })).rejects.toMatchObject({
      code: 'step.timeout',
    });
    const silent = await net.fetch(`${url}/silent`, { limits: { idleMs: 50 } });
    await expect(silent.text()).rejects.toMatchObject({ code: 'agent.lost' });
    const drips = await net.fetch(`${url}/drip`, { limits: { totalMs: 100 } });
    await expect(drips.text()).rejects.toMatchObject({ code: 'step.timeout' });
    net.close();
  });

  test('an abort ends it with its reason, while waiting and while reading', async () => {
    const { net, url } = await open((request, answer) => {
      if (request.url === '/reading') answer.write('a');
    });
    const first = new AbortController();
    const waiting = net.fetch(`${url}/waiting`, { signal: first.signal });
    setTimeout(() => first.abort(new Error('enough')), 20);
    await expect(waiting).rejects.toThrow('enough');
    const second = new AbortController();
    const reading = await net.fetch(`${url}/reading`, { signal: second.signal });
    const text = reading.text();
    second.abort(new Error('enough too'));
    await expect(text).rejects.toThrow('enough too');
    net.close();
  });

  test('nobody there is a fault that lets the work move elsewhere', async () => {
    const port = await listen(() => {});
    servers.splice(0).forEach((server) => server.close());
    const net = createNet({ allow: [`127.0.0.1:${port}`] });
    await expect(net.fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'agent.lost',
      retry: 'elsewhere',
    });
    net.close();
  });
});
