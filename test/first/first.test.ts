// The first example, as a stranger meets it: whole, piped, and held to what it says.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { proofsOf } from '../../examples/first/proofs.ts';
import { openSite, workflow } from '../../src/index.ts';

const main = join(import.meta.dirname, '../../examples/first/main.ts');

test('npm start -- --once shows everything it says, in 80 columns without colour, and ends with 0', async () => {
  const { code, text } = await start();
  expect(text.match(/^ ✓ .*/gm)).toHaveLength(8);
  expect(text).toMatch(/kill -9 hit worker \d+ after the sink had published, before it could answer/);
  expect(text).toMatch(/the sink was asked 2 times under one key, and published once/);
  expect(text).not.toContain('\u001b');
  const lines = text.split('\n').filter((line) => !line.startsWith('Its store: '));
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(code).toBe(0);
}, 60_000);

test('what did not happen is not said to have happened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-proofs-'));
  const ledger = join(folder, 'published.tsv');
  // A sink that published twice; a run that nobody killed, and that asked no jury.
  writeFileSync(ledger, 'asked\tr:a\t1\npublished\tr:a\tx\nasked\tr:a\t2\npublished\tr:a\tx\n');
  const site = await openSite();
  await (
    await site.start(
      workflow('empty', () => 1),
      undefined,
      { id: 'r' },
    )
  ).result();
  const events = [];
  for await (const watched of site.watch('r')) events.push(watched);
  const proofs = await proofsOf({
    store: site.store,
    run: 'r',
    events,
    ledger,
    pid: 1,
    killedAtMs: 0,
    eventsAtKill: 1,
    fresh: false,
  });
  await site.stop();
  rmSync(folder, { recursive: true });
  const broken = proofs.filter(({ holds }) => !holds).map(({ says }) => says);
  expect(broken).toEqual([
    'three judges, one answer: 0 of 3 agree, the third is on record',
    'kill -9 hit worker 1 after the sink had published, before it could answer',
    'another worker carried the run on Infinity ms later',
    'the sink was asked 2 times under one key, and published 2',
  ]);
});

function start(): Promise<{ code: number | null; text: string }> {
  const environment = { ...process.env, COLUMNS: '80', FORCE_COLOR: '' };
  const child = spawn(process.execPath, ['--no-warnings', main, '--once'], { env: environment });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}
