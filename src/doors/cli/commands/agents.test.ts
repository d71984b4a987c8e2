import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig, openConfigured } from '../../../site/config/index.ts';
import { runCommandLine } from '../call.ts';
import { testTerminal } from '../fixtures/terminal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-agents-'));
  writeFileSync(join(folder, 'adder.mjs'), ADDER);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ADDER = `
import { createInterface } from 'node:readline';
createInterface({ input: process.stdin }).on('line', (text) => {
  const { id, input } = JSON.parse(text);
  const answer = typeof input === 'object' ? { id, output: input.a + input.b } : { id, fault: 'give a and b' };
  process.stdout.write(JSON.stringify(answer) + '\\n');
});
`;

async function skein(...args: string[]) {
  const terminal = testTerminal({ folder });
  const code = await runCommandLine(args, terminal, '0.0.0');
  return { code, text: terminal.text, errors: terminal.errors };
}

const add = [
  'agents',
  'add',
  'adder',
  '--process',
  `"${process.execPath}" adder.mjs`,
  '--skill',
  'add',
  '--effect',
  'pure',
];

test('an agent is added, listed, really called, and removed', async () => {
  expect(await skein(...add)).toMatchObject({ code: 0, errors: '' });
  expect((await skein('agents')).text).toMatch(/adder +add +pure +unpriced/);
  const good = await skein('agents', 'test', 'adder', '--input', '{"a":1,"b":2}', '--json');
  expect(good.code).toBe(0);
  expect(JSON.parse(good.text)).toMatchObject({ tried: [{ skill: 'add', result: 'ok', output: 3 }] });
  const bad = await skein('agents', 'test', 'adder');
  expect(bad).toMatchObject({ code: 1 });
  expect(bad.text).toContain('give a and b');
  expect(await skein(...add)).toMatchObject({ code: 5, errors: expect.stringContaining('kept already') as string });
  expect((await skein('agents', 'remove', 'adder')).code).toBe(0);
  expect((await skein('agents')).text).toContain('no agents here');
  expect((await skein('agents', 'test', 'adder')).errors).toContain("no agent is named 'adder'");
});

test('a site that runs takes it up, and lets go of it', async () => {
  const site = await openConfigured(await loadConfig({ folder, environment: {} }));
  try {
    await skein(...add);
    await expect.poll(() => site.agents.list().map((agent) => agent.name), { timeout: 5_000 }).toEqual(['adder']);
    await skein('agents', 'remove', 'adder');
    await expect.poll(() => site.agents.list(), { timeout: 5_000 }).toEqual([]);
  } finally {
    await site.stop({ graceMs: 0 });
  }
});

test('what is declared wrongly is not kept; what has an effect is not called without a word', async () => {
  expect((await skein('agents', 'add', 'x', '--llm', 'gpt', '--skill', 's')).errors).toContain('provider/model');
  expect((await skein('agents', 'add', 'x')).errors).toContain('says of no kind');
  await skein('agents', 'add', 'x', '--process', `"${process.execPath}" adder.mjs`, '--skill', 'send');
  const tried = await skein('agents', 'test', 'x');
  expect(tried.text).toContain('send: irreversible, so it was not called');
});
