// A server on the 2025 wire that asks on the stream beside its calls, which is slow to open: its question is heard.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AgentCall } from '../../src/ports/agent/index.ts';
import { createMcpAgent } from '../../src/ports/agent/mcp/index.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** `slowMs`: so long it takes to open the stream; Infinity: it never answers. */
async function asking(slowMs: number): Promise<string> {
  let stream: ServerResponse | undefined;
  let waiting: { response: ServerResponse; id: unknown } | undefined;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      if (slowMs !== Infinity)
        setTimeout(() => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
          stream = response;
        }, slowMs);
      return;
    }
    void take(request, response);
  });
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const { id, method, result } = JSON.parse(Buffer.concat(parts).toString() || '{}') as {
      id?: unknown;
      method?: string;
      result?: { content?: { name?: string } };
    };
    const say = (to: ServerResponse, of: unknown, value: object): void => {
      to.writeHead(200, { 'content-type': 'application/json' });
      to.end(JSON.stringify({ jsonrpc: '2.0', id: of, result: value }));
    };
    if (method === 'initialize')
      return say(response, id, {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'asking', version: '1' },
      });
    if (method === 'tools/list')
      return say(response, id, { tools: [{ name: 'ask', inputSchema: { type: 'object' } }] });
    if (method === 'tools/call') {
      const params = { message: 'Your name?', requestedSchema: { type: 'object', properties: {} } };
      const question = JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params });
      // With no stream there it is lost, and nobody is told so.
      stream?.write(`data: ${question}\n\n`);
      if (stream === undefined && slowMs === Infinity)
        return say(response, id, { content: [{ type: 'text', text: 'unasked' }] });
      waiting = { response, id };
      return;
    }
    response.writeHead(202).end();
    if (id === 'q' && waiting !== undefined)
      say(waiting.response, waiting.id, { content: [{ type: 'text', text: `hello ${result?.content?.name}` }] });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

async function ask(slowMs: number): Promise<unknown> {
  const agent = await createMcpAgent({
    name: 'asking',
    server: { url: await asking(slowMs) },
    revision: '2025-11-25',
    elicit: () => ({ action: 'accept', content: { name: 'bo' } }),
  });
  open.push(() => agent.close!());
  const { signal } = new AbortController();
  const call = {
    run: 'r',
    step: 's',
    attempt: 1,
    skill: 'ask',
    input: {},
    labels: [],
    effect: 'irreversible',
    key: 'k',
    signal,
  };
  return (await agent.call({ ...call, deadlineMs: Date.now() + 10_000 } as unknown as AgentCall)).output;
}

test('the first call waits for the stream', async () => {
  expect(await ask(500)).toBe('hello bo');
});

test('a stream that never comes holds nobody up', async () => {
  expect(await ask(Infinity)).toBe('unasked');
});
