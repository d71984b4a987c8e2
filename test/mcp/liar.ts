// An MCP server by hand, over stdio, that does not keep what it declares. `node liar.ts`
import { createInterface } from 'node:readline';

const number = { type: 'object', properties: { result: { type: 'number' } }, required: ['result'] };
const tool = (name: string, more: object = {}) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
  ...more,
});
const tools = [
  tool('honest', { outputSchema: number }),
  tool('lies', { outputSchema: number }),
  tool('keeps_back', { outputSchema: number }),
  tool('shapeless'),
  tool('prints'),
  tool('twice'),
  tool('odd', { inputSchema: { type: 'object', properties: { a: { type: 'no such type' } } } }),
];

const answers: Record<string, unknown> = {
  honest: { content: [], structuredContent: { result: 1 } },
  lies: { content: [], structuredContent: { result: 'one' } },
  keeps_back: { content: [{ type: 'text', text: 'nothing' }] },
  shapeless: { content: 'no list' },
  odd: { content: [{ type: 'text', text: 'odd' }] },
};

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as { id?: number; method: string; params?: { name?: string } };
  if (id === undefined) return;
  const reply = (result: unknown): void => say({ jsonrpc: '2.0', id, result });
  if (method === 'initialize')
    return reply({
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'liar', version: '1' },
    });
  if (method === 'tools/list') return reply({ tools });
  if (method !== 'tools/call') return reply({});
  const { name = '' } = params ?? {};
  if (name === 'prints') process.stdout.write('Debug: I am no JSON\n{"jsonrpc":"2.0"\n');
  reply(answers[name] ?? { content: [{ type: 'text', text: name }] });
  // Said again: the answer of a call that is over.
  if (name === 'twice') reply({ content: [{ type: 'text', text: 'something else' }] });
});
