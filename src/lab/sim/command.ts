/** `skein lab sim` */
import { Command, InvalidArgumentError, Option } from 'commander';
import { runCampaign } from './campaign.ts';
import { CRASHES, enumerate } from './enumerate.ts';
import { longJob, longPlanJob } from './long-jobs.ts';
import { checks } from './finding.ts';
import type { Flows } from './draw-jobs.ts';
import { runSeed, type SimStore } from './run-seed.ts';

interface Given {
  seeds?: number;
  from: number;
  seed?: number;
  points?: boolean;
  store: SimStore;
  flows: Flows;
  json?: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function simCommand(): Command {
  return new Command('sim')
    .description('run the real site in simulated worlds where everything goes wrong, and check what was promised')
    .option('--seeds <n>', 'how many worlds', whole)
    .option('--from <seed>', 'the first', whole, 1)
    .option('--seed <seed>', 'only this one, with its trace', whole)
    .option('--points', 'instead: two long runs, as code and as data, crashed at each of their appends in turn')
    .addOption(new Option('--store <kind>', 'where journals are kept').choices(['memory', 'sqlite']).default('memory'))
    .addOption(
      new Option('--flows <kind>', 'how workflows are written')
        .choices(['code', 'data', 'both', 'edits', 'replans', 'all'])
        .default('all'),
    )
    .option('--json', 'the last line is one object')
    .action(async (given: Given) => {
      if (given.points === true) return await points(given);
      if (given.seed !== undefined) return await one(given.seed, given);
      return await campaign(given.seeds ?? 1_000, given);
    });
}

async function campaign(seeds: number, { from, json, store, flows }: Given): Promise<void> {
  const began = performance.now();
  const said = `${store === 'memory' ? '' : ` --store ${store}`}${flows === 'all' ? '' : ` --flows ${flows}`}`;
  let slowest = 0;
  let steps = 0;
  const report = await runCampaign({
    from,
    seeds,
    store,
    flows,
    onSeed(result, ms) {
      slowest = Math.max(slowest, ms);
      steps += result.steps;
    },
    onBad(result, findings) {
      for (const { check, run, what } of findings) say(`seed ${result.seed}: ${check} ${run ?? ''}: ${what}`);
      say(`  ${checks[findings[0]!.check]}; again: npm run -s skein -- lab sim --seed ${result.seed}${said}`);
    },
  });
  const seconds = (performance.now() - began) / 1000;
  say(
    `${report.seeds} seeds, ${report.violations} violations, ${steps} steps settled; ` +
      `${(report.seeds / seconds).toFixed(1)} seeds/s, the slowest took ${slowest.toFixed(0)} ms`,
  );
  if (json === true) say(JSON.stringify(report));
  if (report.violations > 0) process.exitCode = 1;
}

async function one(seed: number, { json, store, flows }: Given): Promise<void> {
  const result = await runSeed(seed, { keepTrace: true, store, flows });
  for (const line of result.lines) say(line);
  const report = {
    seeds: 1,
    violations: result.findings.length,
    firstBadSeed: result.findings.length === 0 ? null : seed,
    traceHash: result.traceHash,
  };
  say(`seed ${seed}: ${report.violations} violations, ${result.events} events, trace ${result.traceHash}`);
  if (json === true) say(JSON.stringify(report));
  if (report.violations > 0) process.exitCode = 1;
}

async function points({ json }: Given): Promise<void> {
  const all = { steps: 0, appends: 0, runs: 0, bad: 0 };
  for (const job of [longJob(), longPlanJob()]) {
    const { steps, appends, runs, bad } = await enumerate({ job });
    for (const { place, how, result } of bad)
      say(`append ${place}, ${how}: ${result.findings.map((f) => `${f.check} ${f.what}`).join('; ')}`);
    say(
      `a run of ${steps} steps as ${job.plan === undefined ? 'code' : 'data'} and ${appends} appends, ` +
        `crashed ${runs} times (${CRASHES.join(', ')}): ${bad.length} bad`,
    );
    all.steps += steps;
    all.appends += appends;
    all.runs += runs;
    all.bad += bad.length;
  }
  if (json === true) say(JSON.stringify(all));
  if (all.bad > 0) process.exitCode = 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number');
  return value;
}
