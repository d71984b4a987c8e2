// Servers that are processes, as they should not be: one that ends of a question it does not know, one that prints
// beside its messages, one whose line never ends, one that stays when its input has ended.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Fault } from '../../../base/index.ts';
import type { AgentCall } from '../port.ts';
import { createMcpAgent } from './agent.ts';
import { loadLibrary } from './library.ts';
import { createStdioTransport, MAX_LINE_BYTES } from './stdio.ts';

const folder = mkdtempSync(join(tmpdir(), 'skein-stdio-'));
const open: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
afterEach(async () => {
  for (const close of open.splice(1).reverse()) await close();
});

/** A server of the 2025 wire in one line of text; `starts` holds a letter for each time it was started. */
const old = (starts: string): string => `
const { appendFileSync } = require('node:fs');
appendFileSync(${JSON.stringify(starts)}, 's');
const say = (id, result) => process.stdout.write('not a message\\n{"neither":\\n' + JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\r\\n');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') return say(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'old', version: '1' } });
  if (method === 'tools/list') return say(id, { tools: [
    { name: 'big', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
    { name: 'lies', inputSchema: { type: 'object' }, outputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }, annotations: { readOnlyHint: true } },
  ] });
  if (method === 'tools/call' && params.name === 'lies') return say(id, { content: [], structuredContent: params.arguments.says });
  if (method === 'tools/call') return say(id, { content: [{ type: 'text', text: 'é'.repeat(params.arguments.chars) }] });
  if (id !== undefined) process.exit(3);
});`;

async function ask(skill: string, input: object, starts: string): Promise<unknown> {
  const server = { command: [process.execPath, '-e', old(starts)] };
  const agent = await createMcpAgent({ name: 'old', server });
  open.push(() => agent.close?.());
  const { signal } = new AbortController();
  const call = { run: 'r', step: 's', attempt: 1, skill, input, labels: [], effect: 'pure', key: 'k', signal };
  return (await agent.call(call as unknown as AgentCall)).output;
}

test('a server that ends of the newer wire is started again, and spoken to in the older', async () => {
  const starts = join(folder, 'one');
  // More than a pipe takes at once: the line comes in pieces, cut inside a letter.
  expect(await ask('big', { chars: 300_001 }, starts)).toBe('é'.repeat(300_001));
  expect(readFileSync(starts, 'utf8')).toBe('ss');
});

test('an answer is held against what the tool declares', async () => {
  expect(await ask('lies', { says: { n: 5 } }, join(folder, 'two'))).toEqual({ n: 5 });
  for (const says of [{ n: 'five' }, undefined]) {
    const lie = await ask('lies', { says }, join(folder, 'two')).catch((thrown: unknown) => thrown);
    expect(lie).toBeInstanceOf(Fault);
    expect(lie).toMatchObject({
      code: 'output.invalid',
      message: expect.stringContaining('otherwise than it declares'),
    });
  }
});

test('a line without an end ends its server, and so does staying', { timeout: 20_000 }, async () => {
  const script = `process.stdin.resume(); setInterval(() => {}, 1000); process.on('SIGTERM', () => {});
    for (let i = 0; i < ${MAX_LINE_BYTES / 2 ** 20 + 1}; i++) process.stdout.write('x'.repeat(${2 ** 20}));`;
  const command = [process.execPath, '-e', script];
  const transport = createStdioTransport(await loadLibrary(), { command, env: {}, cwd: undefined });
  const heard: string[] = [];
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  Object.assign(transport, { onerror: (error: Error) => void heard.push(error.message), onclose: resolve });
  await transport.start();
  await gone;
  expect(heard).toEqual([`a line of more than ${MAX_LINE_BYTES} bytes`]);
  expect(transport.pid).toBeNull();
  await expect(transport.send({ jsonrpc: '2.0', method: 'x' })).rejects.toThrow('Not connected');
});
