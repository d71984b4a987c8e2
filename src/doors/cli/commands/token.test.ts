import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { createDoor } from '../door.ts';
import { testTerminal } from '../fixtures/terminal.ts';
import { createProgram } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'skein-token-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function skein(line: string): Promise<string> {
  const terminal = testTerminal({ folder });
  await createProgram(createDoor(terminal), '0', new Command('lab')).parseAsync(['node', 'skein', ...line.split(' ')]);
  return terminal.text.trim();
}

test('a token is made, listed, rotated and removed; it is printed once', async () => {
  const own = await skein('token show');
  expect(own).toMatch(/^skn_[\w-]{43}$/);
  const made = await skein('token add ci --right run:start run:read --for http --days 90');
  expect(made).toMatch(/^skn_[\w-]{43}$/);
  const file = join(folder, '.skein/tokens.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(made);
  const { tokens } = JSON.parse(await skein('token --json')) as { tokens: object[] };
  expect(tokens).toMatchObject([
    { name: 'operator', rights: ['*'] },
    { name: 'ci', principal: 'ci', rights: ['run:start', 'run:read'], audience: ['http'] },
  ]);
  expect(await skein('token')).toContain('run:start run:read');
  expect(await skein('token rotate operator --now')).not.toBe(own);
  expect(await skein('token remove ci')).toContain('removed');
  await expect(skein('token remove ci')).rejects.toThrow("no token is named 'ci'");
  await expect(skein('token add x')).rejects.toThrow('--right');
  await expect(skein('token add x --right a --for htpt')).rejects.toThrow('one of http, mcp, a2a, ag-ui');
  await skein('token add y --right a --for mcp https://skein.example/a2a');
  expect(await skein('token')).toContain('https://skein.example/a2a');
  await expect(skein('token add x --right a --days soon')).rejects.toThrow('number of days');
});
