// An agent behind OAuth whose tokens end while many calls are open: all are let in again, whatever comes between.
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { afterEach, expect, test } from 'vitest';
import type { AgentCall } from '../../src/ports/agent/index.ts';
import { createMcpAgent, oauthByPage } from '../../src/ports/agent/mcp/index.ts';
import { createServer } from './server.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server of tools and its authorization server, which forgives nothing: a code is for one client, page and use. */
async function guarded() {
  const mcp = createMcpHandler(createServer, { legacy: 'reject' });
  const clients = new Set<string>();
  const codes = new Map<string, { client: string; challenge: string }>();
  const tokens = new Set<string>();
  const refused: string[] = [];
  let made = 0;
  const json = (value: object, status = 200, headers = {}) => Response.json(value, { status, headers });

  async function token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const [user = ''] = atob((request.headers.get('authorization') ?? '').replace(/^Basic /i, '')).split(':');
    const client = form.get('client_id') ?? user;
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (code?.client !== client || code.challenge !== challenge) {
      refused.push(code?.client === client ? 'another verifier' : 'another client');
      return json({ error: 'invalid_grant' }, 400);
    }
    const access = `token-${++made}`;
    tokens.add(access);
    return json({ access_token: access, token_type: 'Bearer', expires_in: 3600 });
  }

  async function fetch(request: Request): Promise<Response> {
    const { pathname, origin, searchParams } = new URL(request.url);
    if (pathname.startsWith('/.well-known/oauth-protected-resource'))
      return json({ resource: `${origin}/mcp`, authorization_servers: [origin] });
    if (pathname.startsWith('/.well-known/'))
      return json({
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      });
    if (pathname === '/register') {
      const client_id = `client-${clients.size + 1}`;
      clients.add(client_id);
      return json({ ...((await request.json()) as object), client_id }, 201);
    }
    if (pathname === '/authorize') {
      const code = crypto.randomUUID();
      codes.set(code, { client: searchParams.get('client_id')!, challenge: searchParams.get('code_challenge')! });
      const back = new URL(searchParams.get('redirect_uri')!);
      back.searchParams.set('code', code);
      back.searchParams.set('state', searchParams.get('state')!);
      return new Response(null, { status: 302, headers: { location: back.href } });
    }
    if (pathname === '/token') return token(request);
    if (tokens.has((request.headers.get('authorization') ?? '').slice('Bearer '.length))) return mcp.fetch(request);
    const challenge = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    return json({ error: 'invalid_token' }, 401, { 'www-authenticate': challenge });
  }
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  open.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, tokens, refused, pages: () => made };
}

test('tokens that end under many calls at once', { timeout: 60_000 }, async () => {
  const { url, tokens, refused, pages } = await guarded();
  let shown = 0;
  const auth = oauthByPage({
    clientName: 'tested',
    redirectUrl: 'http://localhost:1/back',
    async authorize(page) {
      // A person takes longer at one page than at another.
      await sleep(shown++ % 3 === 0 ? 40 : 1);
      return new URL((await fetch(page, { redirect: 'manual' })).headers.get('location')!).searchParams;
    },
  });
  const agent = await createMcpAgent({ name: 'behind', server: { url }, auth });
  open.push(() => agent.close!());
  const { signal } = new AbortController();
  const call = (n: number) =>
    agent.call({
      run: 'r',
      step: 's',
      attempt: 1,
      skill: 'add',
      input: { a: n, b: 1 },
      labels: [],
      effect: 'pure',
      key: `k${n}`,
      signal,
    } as unknown as AgentCall);
  for (let round = 0; round < 5; round++) {
    tokens.clear();
    const before = pages();
    const said = await Promise.all(Array.from({ length: 8 }, async (_, n) => (await call(n)).output));
    expect(said).toEqual(Array.from({ length: 8 }, (_, n) => String(n + 1)));
    // One of them went to the page for all.
    expect(pages() - before).toBe(1);
  }
  expect(refused).toEqual([]);
});
