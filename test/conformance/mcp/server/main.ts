// The server under test: our own endpoint, sessions and guard, with the tools, resources and prompts that the suite
// calls by name. The suite sends no tokens, so none is asked for; names, origins, sizes and rates are.
import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, McpServer } from '@modelcontextprotocol/server';
import { Hono } from 'hono';
import { z } from 'zod';
import { createGuard, type GuardEnv, listen, tokenList } from '../../../../src/doors/guard/index.ts';
import { createEndpoint, type Endpoint } from '../../../../src/doors/mcp/index.ts';
import { realClock } from '../../../../src/site/clock.ts';
import { text } from './content.ts';
import { addPrompts, addResources } from './resources.ts';
import { addRounds, type Kept } from './rounds.ts';
import { addTools } from './tools.ts';

const codec = createRequestStateCodec<Kept>({ key: randomBytes(32) });

function createServer(endpoint: () => Endpoint): McpServer {
  const server = new McpServer(
    { name: 'skein-conformance', version: '1' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: codec.verify },
    },
  );
  addTools(server);
  addRounds(server, codec);
  addResources(server);
  addPrompts(server);
  const changes = {
    test_trigger_tool_change: () => endpoint().notify.toolsChanged(),
    test_trigger_prompt_change: () => endpoint().notify.promptsChanged(),
  };
  for (const [name, change] of Object.entries(changes))
    server.registerTool(name, { description: 'Tells of a change', inputSchema: z.object({}) }, async () => {
      change();
      return { content: [text('told')] };
    });
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
  server.server.setRequestHandler('logging/setLevel', async () => ({}));
  server.server.setRequestHandler('completion/complete', async () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  return server;
}

export interface Served {
  url: string;
  close(): Promise<void>;
}

export async function serve(): Promise<Served> {
  const endpoint: Endpoint = await createEndpoint({
    clock: realClock,
    createServer: () => createServer(() => endpoint),
  });
  const guard = createGuard({ clock: realClock, audience: ['mcp'], tokens: tokenList([]), isOpen: () => true });
  const app = new Hono<GuardEnv>().use(guard.middleware);
  app.all('/mcp', (c) => endpoint.fetch(c.req.raw, c.get('principal')));
  const listening = await listen(app.fetch);
  return {
    url: `${listening.url}/mcp`,
    async close() {
      await endpoint.close();
      await listening.close();
    },
  };
}
