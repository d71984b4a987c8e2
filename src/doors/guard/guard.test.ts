/** Who passes the guard, and what the others are told. */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createTrialClock } from '../../lab/trial/index.ts';
import { createGuard, createToken, type GuardEnv, type GuardOptions, hideTokens, tokenList } from './index.ts';

const mine = createToken();
const foreign = createToken();
const ended = createToken();
const tokens = tokenList([
  { token: mine, principal: { id: 'ann', rights: ['*'] } },
  { token: foreign, principal: { id: 'bob', rights: ['*'] }, audience: ['mcp'] },
  { token: ended, principal: { id: 'eve', rights: ['*'] }, untilMs: 1 },
]);

function door(options: Partial<GuardOptions> = {}) {
  const clock = createTrialClock();
  const guard = createGuard({ tokens, audience: ['http'], clock, origins: ['https://ops.example'], ...options });
  const app = new Hono<GuardEnv>();
  app.use('*', guard.middleware);
  app.all('*', async (c) => c.json({ by: c.get('principal').id, body: await c.req.text() }));
  const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    app.request(`http://127.0.0.1:7777${path}`, {
      ...init,
      headers: { host: '127.0.0.1:7777', authorization: `Bearer ${mine}`, ...headers },
    });
  return { clock, guard, app, call };
}
const codeOf = async (response: Response | Promise<Response>) => {
  const { code } = (await (await response).json()) as { code?: string };
  return [(await response).status, code];
};

describe('tokens', () => {
  test('a known one passes, and says who calls', async () => {
    const response = await door().call('/x');
    expect([response.status, await response.json()]).toEqual([200, { by: 'ann', body: '' }]);
  });
  test.each([
    ['none', undefined, 'token.missing'],
    ['a wrong one', `Bearer ${createToken()}`, 'token.refused'],
    ['one that has ended', `Bearer ${ended}`, 'token.refused'],
    ['another door’s', `Bearer ${foreign}`, 'token.refused'],
    ['another scheme', `Basic ${mine}`, 'token.refused'],
    ['the start of one', `Bearer ${mine.slice(0, -1)}`, 'token.refused'],
    ['nothing after Bearer', 'Bearer ', 'token.refused'],
  ])('%s is refused with a challenge', async (_what, authorization, code) => {
    const { app } = door();
    const response = await app.request('http://localhost/x', {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="skein"/);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await codeOf(response)).toEqual([401, code]);
  });
  test.each(['?token=x', '?Access_Token=x', `?a=${mine}`, `/${mine}`])(
    'in an address (%#) is refused',
    async (where) => {
      const { call } = door();
      const response = await call(`/x${where}`);
      const text = await response.text();
      expect([response.status, (JSON.parse(text) as { code: string }).code]).toEqual([400, 'token.in-url']);
      expect(text).not.toContain(mine);
    },
  );
  test('are never in what is said', () => {
    expect(hideTokens(`a ${mine} b`)).toBe('a skn_… b');
  });
  test('are not wanted where the door is open, and names are checked there all the same', async () => {
    const { app } = door({ isOpen: ({ path }) => path === '/healthz' });
    expect(await (await app.request('http://localhost/healthz')).json()).toMatchObject({ by: 'nobody' });
    expect((await app.request('http://evil.example/healthz')).status).toBe(421);
  });
  test('that cannot be judged now let nobody in', async () => {
    const broken = { find: () => Promise.reject(new Error('gone')) };
    expect(await codeOf(door({ tokens: broken }).call('/x'))).toEqual([503, 'overloaded']);
  });
});

describe('names', () => {
  test.each([
    ['127.0.0.1:7777', 200],
    ['127.0.0.9', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:7777', 200],
    ['[::ffff:127.0.0.1]', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.', 421],
    ['10.0.0.1', 421],
    ['[::2]', 421],
    ['127.0.0.1@evil.example', 421],
    ['0.0.0.0', 421],
    ['a b', 421],
  ])('Host %s: %i', async (host, status) => {
    expect((await door().call('/x', { host })).status).toBe(status);
  });
  test('wider, an address is a name of ours, and a name only when it is given', async () => {
    const { call } = door({ isWide: true, hosts: ['skein.example'] });
    const status = async (host: string) => (await call('/x', { host })).status;
    expect(await status('10.1.2.3:7777')).toBe(200);
    expect(await status('skein.example')).toBe(200);
    expect(await status('evil.example')).toBe(421);
  });
  test.each([
    ['http://127.0.0.1:7777', 200],
    ['https://ops.example', 200],
    ['https://ops.example.evil', 403],
    ['http://127.0.0.1:8888', 403],
    ['http://evil.example', 403],
    ['null', 403],
    ['file://', 403],
  ])('Origin %s: %i', async (origin, status) => {
    expect((await door().call('/x', { origin })).status).toBe(status);
  });
  test('a page that may call is told so, before and with the answer; others are not', async () => {
    const { app, call } = door();
    const asked = await app.request('http://localhost/x', {
      method: 'OPTIONS',
      headers: { origin: 'https://ops.example', 'access-control-request-headers': 'authorization' },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
    const answered = await call('/x', { origin: 'https://ops.example' });
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://ops.example');
    const other = await call('/x', { origin: 'http://127.0.0.1:7777' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('limits', () => {
  test('a long body is refused, whether it is announced or only comes', async () => {
    const { call } = door({ limits: { bodyBytes: 10 } });
    const post = { method: 'POST', body: '12345678901' };
    expect(await codeOf(call('/x', { 'content-length': '11' }, post))).toEqual([413, 'input.too-large']);
    expect(await codeOf(call('/x', {}, post))).toEqual([413, 'input.too-large']);
    expect(await (await call('/x', {}, { method: 'POST', body: '1234567890' })).json()).toMatchObject({
      body: '1234567890',
    });
  });
  test('deep JSON is refused before it is parsed; brackets in strings are no depth', async () => {
    const { call } = door({ limits: { jsonDepth: 3 } });
    const json = { 'content-type': 'application/json' };
    const post = (body: string) => call('/x', json, { method: 'POST', body });
    expect((await post('[[[1]]]')).status).toBe(200);
    expect((await post('["[[[[\\"[[[["]')).status).toBe(200);
    expect(await codeOf(post('[[[[1]]]]'))).toEqual([413, 'input.too-large']);
    expect((await call('/x', json, { method: 'POST', body: '['.repeat(500_000) })).status).toBe(413);
  });
  test('who calls too often waits as long as is said, and then passes', async () => {
    const { call, clock } = door({ limits: { principalPerSecond: 1, principalBurst: 2 } });
    expect((await call('/x')).status).toBe(200);
    expect((await call('/x')).status).toBe(200);
    const third = await call('/x');
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    await clock.jump(1_000);
    expect((await call('/x')).status).toBe(200);
  });
  test('refused tokens are counted against their address, and good ones pass all the while', async () => {
    const { call } = door({ limits: { refusedPerSecond: 1, refusedBurst: 1 } });
    const bad = { authorization: 'Bearer x' };
    expect((await call('/x', bad)).status).toBe(401);
    expect((await call('/x', bad)).status).toBe(429);
    expect((await call('/x')).status).toBe(200);
  });
  test('no more requests at once than there are places', async () => {
    const { guard, app } = door({ limits: { principalAtOnce: 1 } });
    let letGo = (): void => {};
    const slow = new Hono<GuardEnv>();
    slow.use('*', guard.middleware);
    slow.get('/slow', async (c) => {
      await new Promise<void>((resolve) => (letGo = resolve));
      return c.text('done');
    });
    const headers = { authorization: `Bearer ${mine}` };
    const first = slow.request('http://localhost/slow', { headers });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await app.request('http://localhost/x', { headers });
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    expect(guard.counts().underWay).toBe(1);
    letGo();
    expect((await first).status).toBe(200);
    expect(guard.counts().underWay).toBe(0);
    expect((await app.request('http://localhost/x', { headers })).status).toBe(200);
  });
  test('no more streams than there are places', () => {
    const { guard } = door({ limits: { principalStreams: 1 } });
    const ann = { id: 'ann', rights: [] };
    const close = guard.openStream(ann);
    expect(() => guard.openStream(ann)).toThrow(/too many streams/);
    guard.openStream({ id: 'bob', rights: [] })();
    close();
    close();
    expect(guard.counts().streams).toBe(0);
    guard.openStream(ann)();
  });
});
