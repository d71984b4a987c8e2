/**
 * A tool of a local MCP server, called by the official client alone and by a run whose journal is on SQLite. The
 * server is a process of its own, built on the official SDK; each side has its own connection to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { workflow } from '../../src/author/index.ts';
import { createMcpAgent, type McpAgentOptions } from '../../src/ports/agent/mcp/index.ts';
import { openSite } from '../../src/site/site.ts';
import { startHttpServer, stdioCommand } from '../../test/mcp/start.ts';
import type { Pair } from './subject.ts';

export type Wire = 'stdio' | 'http';
const REVISION = '2025-11-25';

const chain = workflow('chain', async (run, { calls }: { calls: number }) => {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const startMs = performance.now();
    const sum = await run.ask('add', { a: i, b: 1 }, { key: i });
    times.push(performance.now() - startMs);
    if (sum !== String(i + 1)) throw new Error(`the tool said ${JSON.stringify(sum)}`);
  }
  return times;
});

export async function mcpPair(wire: Wire): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'skein-bench-mcp-'));
  const started = wire === 'http' ? await startHttpServer() : undefined;
  const server: McpAgentOptions['server'] = started === undefined ? { command: stdioCommand } : { url: started.url };
  const agent = await createMcpAgent({ name: 'local', server, revision: REVISION });
  const site = await openSite({ store: join(folder, 'site.db'), agents: [agent], workflows: [chain] });
  const client = new Client({ name: 'bare', version: '1' });
  await client.connect(transportOf(started?.url));
  // It is asked as ours asks: with the tools known, so that answers are checked against what they declare.
  await client.listTools();
  let n = 0;
  return {
    async bare() {
      n++;
      const { content } = await client.callTool({ name: 'add', arguments: { a: n, b: 1 } });
      if ((content[0] as { text: string }).text !== String(n + 1)) throw new Error('the tool said something else');
    },
    async ours(calls) {
      return (await site.start(chain, { calls })).output();
    },
    async close() {
      await client.close();
      await site.stop();
      await started?.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function transportOf(url: string | undefined): Transport {
  if (url !== undefined) return new StreamableHTTPClientTransport(new URL(url));
  const [command = '', ...args] = stdioCommand;
  return new StdioClientTransport({ command, args, stderr: 'ignore' });
}
