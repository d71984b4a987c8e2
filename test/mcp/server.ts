// An MCP server built on the official SDK alone, as somebody else's would be: `node server.ts` speaks stdio,
// `node server.ts --http PORT` speaks streamable HTTP on both wires and says its address. Payments are kept in the file
// that PAYMENTS names, so that they outlive a kill.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import {
  createMcpHandler,
  inputRequired,
  isInitializeRequest,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const book = process.env['PAYMENTS'];
let grown = false;
let strict = false;

function payments(): Record<string, number> {
  return book !== undefined && existsSync(book)
    ? (JSON.parse(readFileSync(book, 'utf8')) as Record<string, number>)
    : {};
}

function keep(change: (all: Record<string, number>) => void): void {
  const all = payments();
  change(all);
  if (book !== undefined) writeFileSync(book, JSON.stringify(all));
}

const anything = z.object({ input: z.json().optional() });
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const KEY = 'dev.skein/key';

export function createServer(): McpServer {
  const server = new McpServer(
    { name: 'example', version: '1' },
    { capabilities: { tools: { listChanged: true } }, inputRequired: { maxRounds: 3 } },
  );
  const reads = { readOnlyHint: true };
  server.registerTool(
    'echo',
    {
      inputSchema: z.looseObject({ input: z.json().optional() }),
      outputSchema: z.object({ result: z.json() }),
      annotations: reads,
    },
    async (given) => {
      const result = 'input' in given ? given.input : given;
      return { ...text('echoed'), structuredContent: { result } };
    },
  );
  server.registerTool(
    'add',
    { inputSchema: z.object({ a: z.number(), b: z.number() }), annotations: reads },
    async ({ a, b }) => text(String(a + b)),
  );
  server.registerTool('fail', { inputSchema: anything, annotations: reads }, async () => {
    throw new Error('it does not work');
  });
  server.registerTool('fault', { inputSchema: anything, annotations: reads }, async () => ({
    ...text('later'),
    isError: true,
    _meta: { 'dev.skein/fault': { code: 'agent.busy', message: 'later', afterMs: 5 } },
  }));
  server.registerTool('hang', { inputSchema: anything, annotations: reads }, async (_, { mcpReq }) => {
    await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve, { once: true }));
    return text('aborted');
  });
  // Deaf: it holds the whole process, as a server in trouble does.
  server.registerTool('deaf', { inputSchema: anything, annotations: reads }, async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    return text('awake');
  });
  server.registerTool(
    'slow',
    { inputSchema: z.object({ ms: z.number() }), annotations: reads },
    async ({ ms }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (let progress = 1; progress <= 4; progress++) {
        await sleep(ms / 4);
        const params = { progressToken: progressToken!, progress, total: 4, message: `part ${progress}` };
        if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return text('slowly done');
    },
  );
  server.registerTool(
    'pay',
    { inputSchema: anything, annotations: { destructiveHint: true } },
    async (_, { mcpReq }) => {
      const key = String(mcpReq._meta?.[KEY]);
      keep((all) => void (all[key] ??= 1));
      return text('paid');
    },
  );
  server.registerTool('refund', { inputSchema: z.looseObject({ key: z.string() }) }, async ({ key }) => {
    keep((all) => void delete all[key.replace(/^undo:/, '')]);
    return text('refunded');
  });
  server.registerTool(
    'find_payment',
    {
      inputSchema: z.looseObject({ key: z.string() }),
      outputSchema: z.object({ happened: z.boolean() }),
      annotations: reads,
    },
    async ({ key }) => ({ ...text('looked'), structuredContent: { happened: payments()[key] === 1 } }),
  );
  server.registerTool('send', { inputSchema: anything }, async () => text('sent'));
  server.registerTool('crash', { inputSchema: anything, annotations: reads }, async () => {
    process.kill(process.pid, 'SIGKILL');
    return text('never said');
  });
  server.registerTool('whoami', { inputSchema: anything, annotations: reads }, async () => text(String(process.pid)));
  server.registerTool(
    'ask',
    { inputSchema: anything, annotations: { idempotentHint: true } },
    async (_, { mcpReq }) => {
      const answer = mcpReq.inputResponses?.['name'] as { action: string; content?: { name: string } } | undefined;
      if (answer?.action === 'accept') return text(`Hello, ${answer.content?.name}`);
      if (answer !== undefined) return { ...text('nobody said'), isError: true };
      const requestedSchema = {
        type: 'object' as const,
        properties: { name: { type: 'string' as const } },
        required: ['name'],
      };
      return inputRequired({
        inputRequests: { name: inputRequired.elicit({ message: 'Your name?', requestedSchema }) },
      });
    },
  );
  server.registerTool(
    'think',
    { inputSchema: z.object({ about: z.string() }), annotations: reads },
    async ({ about }, { mcpReq }) => {
      const said = mcpReq.inputResponses?.['thought'] as { content: { text: string } } | undefined;
      if (said !== undefined) return text(said.content.text);
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: about } }];
      return inputRequired({ inputRequests: { thought: inputRequired.createMessage({ messages, maxTokens: 50 }) } });
    },
  );
  const grow = server.registerTool(
    'grow',
    { inputSchema: z.object({ strict: z.boolean().optional() }), annotations: reads },
    async (given) => {
      grown = true;
      strict ||= given.strict === true;
      extra();
      server.sendToolListChanged();
      return text('grown');
    },
  );
  const extra = (): void => {
    if (grown && !has.grown) {
      has.grown = true;
      server.registerTool('grown', { inputSchema: anything, annotations: reads }, async () => text('new'));
    }
    if (strict) moody.update({ annotations: { destructiveHint: true } });
  };
  const has = { grown: false };
  const moody = server.registerTool('moody', { inputSchema: anything, annotations: reads }, async () =>
    text('in a mood'),
  );
  extra();
  void grow;
  server.registerResource('note', 'note://one', { mimeType: 'text/plain' }, async () => ({
    contents: [{ uri: 'note://one', text: 'a note' }],
  }));
  server.registerPrompt('greet', { argsSchema: z.object({ who: z.string() }) }, async ({ who }) => ({
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Greet ${who}` } }],
  }));
  return server;
}

function serveHttp(port: number): void {
  const modern = createMcpHandler(createServer, { legacy: 'reject' });
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const legacy = async (request: Request): Promise<Response> => {
    const id = request.headers.get('mcp-session-id');
    if (id !== null)
      return (await sessions.get(id)?.handleRequest(request)) ?? new Response('no session', { status: 404 });
    const parsedBody: unknown = await request.json();
    if (!isInitializeRequest(parsedBody)) return new Response('no session', { status: 400 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (session) => void sessions.set(session, transport),
    });
    await createServer().connect(transport);
    return transport.handleRequest(request, { parsedBody });
  };
  const fetch = async (request: Request) =>
    (await isLegacyRequest(request)) ? legacy(request) : modern.fetch(request);
  serve({ fetch, port, hostname: '127.0.0.1' }, (info) => process.stdout.write(`http://127.0.0.1:${info.port}/mcp\n`));
}

if (import.meta.main) {
  const http = process.argv.indexOf('--http');
  if (http < 0) serveStdio(createServer);
  else serveHttp(Number(process.argv[http + 1] ?? 0));
}
