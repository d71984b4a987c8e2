/**
 * The same table for the doors that are mounted beside the HTTP door (MCP, A2A in its bindings, AG-UI) and for
 * gRPC: every route that is there x who calls x by which name x from which page.
 */
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createA2aDoor, listenGrpc, type GrpcListening } from '../../src/doors/a2a/index.ts';
import { createAgUiDoor } from '../../src/doors/agui/index.ts';
import { createToken, tokenList } from '../../src/doors/guard/index.ts';
import { createHttpDoor, type HttpDoor, type Mount } from '../../src/doors/http/index.ts';
import { createMcpDoor } from '../../src/doors/mcp/index.ts';
import { createNet } from '../../src/ports/net/index.ts';
import { createSiteKey } from '../../src/site/audit/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { createPushes } from '../../src/site/pushes.ts';
import { openDesk } from './desk.ts';

const KINDS = ['mcp', 'a2a', 'ag-ui'] as const;
const tokens = { any: createToken(), http: createToken(), ended: createToken(), unknown: createToken() };
const own = Object.fromEntries(KINDS.map((kind) => [kind, createToken()])) as Record<(typeof KINDS)[number], string>;
const ann = { id: 'ann', rights: ['*'] };
const known = [
  { token: tokens.any, principal: ann },
  { token: tokens.http, principal: ann, audience: ['http'] },
  { token: tokens.ended, principal: ann, untilMs: 1 },
  ...KINDS.map((kind) => ({ token: own[kind], principal: ann, audience: [kind] })),
];

let desk: Awaited<ReturnType<typeof openDesk>>;
let door: HttpDoor;
let grpc: GrpcListening;
const closes: (() => unknown)[] = [];
const routes: { kind: string; method: string; path: string; isOpen: boolean; app: Hono }[] = [];

beforeAll(async () => {
  desk = await openDesk();
  const { site } = desk;
  const mcp = await createMcpDoor({ site });
  const { key } = createSiteKey();
  const a2a = await createA2aDoor({
    site,
    clock: realClock,
    net: createNet(),
    version: '1',
    key,
    pushes: createPushes(),
  });
  const agUi = createAgUiDoor(site);
  const mounts: Mount[] = [
    { path: '/mcp', audience: 'mcp', app: mcp.app },
    { path: '/ag-ui', audience: 'ag-ui', app: agUi.app },
    ...a2a.mounts.map((mount) => ({ ...mount, audience: 'a2a', isOpen: a2a.isOpen })),
  ];
  door = await createHttpDoor(site, {
    tokens: known,
    hosts: ['skein.example'],
    origins: ['https://ops.example'],
    limits: { addressBurst: 1e6, principalBurst: 1e6, refusedBurst: 1e6 },
    mounts,
  });
  agUi.open(door.guard);
  grpc = await listenGrpc({
    library: a2a.library,
    handler: a2a.handler,
    tokens: tokenList(known),
    anonymous: undefined,
    audience: ['a2a'],
    clock: realClock,
    host: '127.0.0.1',
    port: 0,
    guard: door.guard,
  });
  a2a.open({ url: 'http://127.0.0.1:7717', grpc: grpc.address, guard: door.guard });
  closes.push(
    () => mcp.close(),
    () => a2a.close(),
    () => grpc.close(),
  );
  for (const { path, audience, app } of mounts)
    for (const { method, path: under } of (app as unknown as Hono).routes) {
      const whole = `${path}${under === '/' ? '' : under}`
        .replaceAll(/:[a-z]+(\{[^}]*\})?/gi, 'greet')
        .replaceAll('*', 'x');
      for (const verb of method === 'ALL' ? ['GET', 'POST', 'DELETE'] : [method])
        routes.push({
          kind: audience,
          method: verb,
          path: whole,
          isOpen: a2a.isOpen({ method: verb, path: whole }),
          app: app as never,
        });
    }
});
afterAll(async () => {
  for (const close of closes) await close();
  await desk.site.stop({ graceMs: 0 });
});

const hosts: [string, boolean][] = [
  ['127.0.0.1:7717', true],
  ['[::1]:7717', true],
  ['skein.example', true],
  ['evil.example:7717', false],
  ['127.0.0.1.evil.example', false],
];
const origins: [string | undefined, boolean][] = [
  [undefined, true],
  ['same', true],
  ['https://ops.example', true],
  ['http://evil.example', false],
  ['null', false],
];

/** Who calls: what it sends at a door of this kind, and whether a guarded route may let it in. */
const callers: [string, (kind: string) => { token?: string; query?: string }, 401 | 400 | 'in'][] = [
  ['no token', () => ({}), 401],
  ['a wrong token', () => ({ token: tokens.unknown }), 401],
  ['a token for the HTTP door', () => ({ token: tokens.http }), 401],
  ['a token for another of these', (kind) => ({ token: own[kind === 'mcp' ? 'a2a' : 'mcp'] }), 401],
  ['a token that has ended', () => ({ token: tokens.ended }), 401],
  ['a token in the address', () => ({ query: `token=${tokens.any}` }), 400],
  ['a token for this door', (kind) => ({ token: own[kind as 'mcp'] }), 'in'],
  ['a token for every door', () => ({ token: tokens.any }), 'in'],
];

test('the table knows the routes of every door', () => {
  for (const kind of KINDS) expect(routes.filter((one) => one.kind === kind && !one.isOpen).length).toBeGreaterThan(1);
  expect(routes.filter((one) => one.isOpen).map(({ path }) => path)).toContain('/.well-known/agent-card.json');
  expect(routes.map(({ path }) => path)).toContain('/a2a/jsonrpc');
});

test.each(callers)('%s', { timeout: 60_000 }, async (_who, sends, wanted) => {
  for (const { kind, method, path, isOpen } of routes) {
    const { token, query } = sends(kind);
    for (const [host, isOurs] of hosts)
      for (const [origin, isAllowed] of origins) {
        const headers: Record<string, string> = { host };
        if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
        if (origin !== undefined) headers['origin'] = origin === 'same' ? `http://${host}` : origin;
        const body = method === 'GET' ? undefined : '{}';
        if (body !== undefined) headers['content-type'] = 'application/json';
        const address = `http://${host}${path}${query === undefined ? '' : `?${query}`}`;
        const response = await door.app.request(address, { method, headers, body });
        const said = response.status === 200 && !isOpen ? '' : await response.text();
        await response.body?.cancel().catch(() => {});
        const where = `${method} ${path} at ${host} from ${origin ?? 'no page'}`;
        for (const secret of [...Object.values(tokens), ...Object.values(own)])
          expect([where, said.includes(secret)]).toEqual([where, false]);
        if (!isOurs) expect([where, response.status]).toEqual([where, 421]);
        else if (!isAllowed) expect([where, response.status]).toEqual([where, 403]);
        else if (wanted === 400) expect([where, response.status]).toEqual([where, 400]);
        // A push is let in by a token of its own, and by no other.
        else if (path.startsWith('/a2a/pushes/')) expect([where, response.status]).toEqual([where, 401]);
        else if (wanted === 401 && !isOpen) expect([where, response.status]).toEqual([where, 401]);
        else expect([where, [401, 403, 421].includes(response.status)]).toEqual([where, false]);
      }
  }
});

test.each(callers)('gRPC: %s', async (_who, sends, wanted) => {
  const client = new Client(grpc.address, credentials.createInsecure());
  const metadata = new Metadata();
  const { token } = sends('a2a');
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  metadata.set('a2a-version', '1.0');
  for (const { path, responseStream } of Object.values(A2AService)) {
    const code = await new Promise<number>((done) => {
      const raw = (bytes: Buffer): Buffer => bytes;
      const stream = client.makeServerStreamRequest(path, raw, raw, Buffer.alloc(0), metadata);
      stream.on('data', () => {});
      stream.on('error', () => {});
      stream.on('status', (ended) => done(ended.code));
    });
    const where = `${path}${responseStream ? ' (stream)' : ''}`;
    if (wanted === 'in') expect([where, code]).not.toEqual([where, status.UNAUTHENTICATED]);
    else expect([where, code]).toEqual([where, status.UNAUTHENTICATED]);
  }
  client.close();
});
