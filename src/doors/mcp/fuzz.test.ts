// Whatever is sent to the door, it answers within a second, with a status of its own, and goes on.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import type { Principal } from '../../model/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import { createMcpDoor, type McpDoor } from './index.ts';

const by: Principal = { id: 'ann', rights: ['*'] };
let site: Site;
let door: McpDoor;
const troubles: unknown[] = [];

beforeAll(async () => {
  site = await openSite({ workflows: [workflow('noop', async () => 1)] });
  door = await createMcpDoor({ site, onTrouble: (thrown) => troubles.push(thrown) });
});
afterAll(async () => {
  await door.close();
  await site.stop();
});

const RUNS = 300;
const WITHIN_MS = 1_000;
const tools = [
  'run_workflow',
  'watch_run',
  'get_run',
  'list_runs',
  'answer_gate',
  'signal_run',
  'cancel_run',
  'run_noop',
  'search_agents',
];
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const method = fc.constantFrom(
  'tools/call',
  'tools/list',
  'resources/read',
  'resources/list',
  'server/discover',
  'initialize',
  'ping',
  'x',
);
const argument = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record(
    { run: fc.string(), waitMs: fc.constantFrom(0, -1, 1e9), step: fc.string(), name: fc.string() },
    { requiredKeys: [] },
  ),
);
const params = fc.record(
  {
    name: fc.oneof(fc.constantFrom(...tools), fc.string()),
    arguments: argument,
    uri: fc.oneof(
      fc.string().map((text) => `skein://runs/${text}/journal`),
      fc.webUrl(),
      fc.string(),
    ),
    requestState: fc.string(),
    inputResponses: fc.jsonValue(),
    _meta: fc.oneof(fc.constant(envelope), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0'),
    id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
    method,
    params: fc.oneof(params, fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  message.map((one) => JSON.stringify(one)),
  fc.array(message, { maxLength: 3 }).map((many) => JSON.stringify(many)),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const header = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ''),
    accept: fc.constantFrom('application/json, text/event-stream', 'text/event-stream', '*/*', ''),
    'mcp-session-id': header,
    'mcp-protocol-version': fc.oneof(fc.constantFrom('2025-11-25', '2026-07-28', '1999-01-01'), header),
    'mcp-method': fc.oneof(method, header),
    'last-event-id': header,
  },
  { requiredKeys: [] },
);

test('any request, of any shape', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT'),
      headers,
      body,
      async (verb, given, text) => {
        const sent: RequestInit = { method: verb, headers: given };
        if (verb !== 'GET') sent.body = text;
        const request = new Request('http://127.0.0.1/mcp', sent);
        const startMs = performance.now();
        const response = await door.endpoint.fetch(request, by);
        const said =
          response.headers.get('content-type')?.startsWith('text/event-stream') === true ? '' : await response.text();
        await response.body?.cancel().catch(() => {});
        expect(performance.now() - startMs).toBeLessThan(WITHIN_MS);
        expect(response.status).toBeLessThan(600);
        // What it says is no stack and no path of ours.
        expect(said).not.toMatch(/node_modules|\.ts:\d+/);
      },
    ),
    { numRuns: RUNS },
  );
  expect(door.endpoint.sessions).toBeLessThanOrEqual(64);
});

test('any arguments of any tool', { timeout: 120_000 }, async () => {
  let id = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tools.filter((name) => !name.startsWith('watch'))),
      argument,
      async (name, given) => {
        const call = {
          jsonrpc: '2.0',
          id: ++id,
          method: 'tools/call',
          params: { name, arguments: given, _meta: envelope },
        };
        const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
        const more = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
        const request = new Request('http://127.0.0.1/mcp', {
          method: 'POST',
          headers: { ...sent, ...more },
          body: JSON.stringify(call),
        });
        const startMs = performance.now();
        const response = await door.endpoint.fetch(request, by);
        await response.text();
        expect(performance.now() - startMs).toBeLessThan(WITHIN_MS);
        expect(response.status).toBeLessThan(500);
      },
    ),
    { numRuns: RUNS },
  );
  // Nothing unforeseen happened behind the answers.
  expect(
    troubles.filter(
      (one) => !/^(Error|(Unsupported)?Protocol(Version)?Error)$/.test((one as Error)?.constructor?.name),
    ),
  ).toEqual([]);
});
