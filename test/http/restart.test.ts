/**
 * Many readers of running journals, and of all runs of the site together, over a site that is killed with -9 again and again and started anew on the same
 * file: no reader misses an event, and none sees one twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createClient, type RunLine, type SiteLine } from '../../src/client/index.ts';
import { openTokenFile } from '../../src/doors/guard/index.ts';
import { realClock } from '../../src/site/clock.ts';

const READERS = 200;
/** Of them all, so many more read the whole site. */
const SITE_READERS = 10;
const RUNS = 4;
/** The site is killed in the middle of each. */
const SPELLS = 4;
const TICKS = 20;

const folder = mkdtempSync(join(tmpdir(), 'skein-sse-'));
const tokenFile = join(folder, 'tokens.json');
let child: ChildProcess | undefined;
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function startSite(port: number): Promise<number> {
  const script = join(import.meta.dirname, 'server.ts');
  child = spawn(process.execPath, [script, join(folder, 'site.db'), tokenFile, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child!.stdout!.once('data', (data: Buffer) => resolve(Number(String(data))));
    child!.once('exit', (code, signal) => reject(new Error(`the site went down at once: ${code ?? signal}`)));
  });
}

async function killSite(): Promise<void> {
  const gone = new Promise((resolve) => child!.once('exit', resolve));
  child!.kill('SIGKILL');
  await gone;
}

test(`${READERS} readers, and ${SITE_READERS} of the whole site, over ${SPELLS} kills`, async () => {
  const port = await startSite(0);
  const token = openTokenFile(tokenFile, realClock).operator();
  const client = createClient({ url: `http://127.0.0.1:${port}`, token, patienceMs: 60_000 });
  const runs = await Promise.all(
    Array.from({ length: RUNS }, () => client.start('ticker', { spells: SPELLS, ticks: TICKS })),
  );
  const seen = Array.from({ length: READERS }, (): RunLine[] => []);

  async function read(reader: number): Promise<void> {
    for await (const line of runs[reader % RUNS]!.events()) {
      seen[reader]!.push(line);
      // Some are slow, so that much waits for them when the site goes down.
      if (reader % 10 === 1) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const whole = Array.from({ length: SITE_READERS }, (): SiteLine[] => []);
  async function readSite(reader: number): Promise<void> {
    let over = 0;
    const how = { after: 'start', workflow: reader % 2 === 0 ? undefined : 'ticker' };
    for await (const line of client.watch(how)) {
      whole[reader]!.push(line);
      if (line.event.type === 'run.ended' && ++over === RUNS) return;
      if (reader % 10 === 1) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  async function kill(): Promise<void> {
    for (let spell = 0; spell < SPELLS; spell++) {
      const middle = `tick#${spell}.${TICKS / 2}`;
      while (!seen[0]!.some(({ event }) => event.type === 'step.settled' && event.step === middle))
        await new Promise((resolve) => setTimeout(resolve, 1));
      await killSite();
      expect(await startSite(port)).toBe(port);
      for (const run of runs) await run.signal(`go ${spell}`);
    }
  }
  const reading = [...seen.map((_lines, reader) => read(reader)), ...whole.map((_lines, reader) => readSite(reader))];
  await Promise.all([kill(), ...reading]);

  for (const [i, run] of runs.entries()) {
    const journal: RunLine[] = [];
    for await (const line of run.journal()) journal.push(line);
    expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_line, seq) => seq));
    expect(journal.filter(({ event }) => event.type === 'run.claimed').length).toBeGreaterThan(SPELLS);
    expect(await run.output()).toBe((SPELLS * TICKS * (TICKS - 1)) / 2);
    const text = JSON.stringify(journal);
    for (const lines of whole) {
      const own = lines.filter((line) => line.run === run.run);
      expect(JSON.stringify(own.map(({ id: _id, run: _run, workflow: _flow, ...line }) => line))).toBe(text);
    }
    for (let reader = i; reader < READERS; reader += RUNS) expect(JSON.stringify(seen[reader])).toBe(text);
  }
  for (const lines of whole) expect(JSON.stringify(lines)).toBe(JSON.stringify(whole[0]));
}, 240_000);
