// The MCP conformance suite against our door (server) and our agent (client), for both revisions' requirements. What a
// revision does not require is run, too, and listed as not applicable with the suite's own reason.
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Score } from '../main.ts';
import { readReport } from './report.ts';
import { serve } from './server/main.ts';

export const REVISIONS = ['2025-11-25', '2026-07-28'];
/** The suite starts all clients of a revision at once, and they wait for each other (client/turn.ts). */
const SCENARIO_MS = 240_000;
const LEG_MS = 300_000;

const whyNot: Record<string, string> = {
  extension: 'an extension of the protocol, which no revision requires',
  'added-after-release': 'written after the revision: the suite does not score it',
  pending: "the suite's own reference cannot pass it: not scored",
};

const folder = dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'));
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };

export async function score(): Promise<Score> {
  return scoreLegs(['server', 'client']);
}

export async function scoreLegs(legs: readonly ('server' | 'client')[]): Promise<Score> {
  const sum: Score = { suite: 'mcp', version, passed: 0, failed: 0, notApplicable: [], failures: [] };
  const served = await serve();
  const results = await mkdtemp(join(tmpdir(), 'skein-conformance-'));
  try {
    // The suite cuts the command at its blanks: nothing in it may hold one of a path.
    const client = 'node --no-warnings client/main.ts';
    for (const revision of REVISIONS) {
      const how = ['--requirements', revision, '--timeout', `${SCENARIO_MS}`, '--output-dir', results];
      const of = { server: ['--url', served.url], client: ['--command', client] };
      for (const leg of legs) add(sum, `${leg} ${revision}`, await runLeg([leg, ...of[leg], ...how], results), results);
    }
  } finally {
    await served.close();
    await rm(results, { recursive: true, force: true });
  }
  return sum;
}

function add(sum: Score, leg: string, said: string, results: string): void {
  const report = readReport(said);
  // A suite that ran nothing has not passed.
  if (report.scenarios.length === 0) {
    sum.failed++;
    sum.failures.push(`${leg}: the suite gave no summary: ${said.slice(-500)}`);
  }
  for (const { name, failed } of report.scenarios) {
    const reason = report.notScored.get(name);
    if (reason !== undefined) {
      const came = failed === 0 ? 'passes' : 'does not pass';
      sum.notApplicable.push({ name: `${leg} ${name}`, why: `${whyNot[reason] ?? reason}; it ${came}` });
    } else if (failed === 0) sum.passed++;
    else {
      sum.failed++;
      sum.failures.push(`${leg} ${name}${lastWords(results, name)}`);
    }
  }
}

/** What the client of a scenario said last: why it failed is seen nowhere else. */
function lastWords(results: string, scenario: string): string {
  const folder = globSync(`${results}/**/${scenario}-*/stderr.txt`).toSorted().at(-1);
  const words = folder === undefined ? '' : readFileSync(folder, 'utf8').trim().slice(-1_000);
  return words === '' ? '' : `: ${words}`;
}

/** What the suite printed, whatever it ended with: its summary is the word that counts. */
function runLeg(args: readonly string[], turns: string): Promise<string> {
  const command = [join(folder, 'dist/index.js'), ...args];
  return new Promise((resolve) => {
    const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
    // Forty clients compile the same modules: half of their time.
    const ours = { SKEIN_CONFORMANCE_TURNS: turns, NODE_COMPILE_CACHE: join(turns, 'compiled') };
    const env = { ...process.env, PATH: path, ...ours };
    const limits = { timeout: LEG_MS, maxBuffer: 64 * 1024 * 1024, cwd: import.meta.dirname, env };
    execFile(process.execPath, command, limits, (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}
