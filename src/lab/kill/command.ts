/** `skein lab kill` */
import { Command, InvalidArgumentError, Option } from 'commander';
import { runKillCampaign } from './campaign.ts';
import { isGood, type KillReport } from './verify.ts';

interface Given {
  seconds: number;
  store: 'sqlite' | 'postgres';
  workers: number;
  load: number;
  seed?: string;
  keep?: string;
  json?: boolean;
  verbose?: boolean;
}

export function killCommand(): Command {
  return new Command('kill')
    .description(
      'kill -9 real workers every 50-400 ms while runs with keyed effects flow, then check what was promised',
    )
    .requiredOption('--seconds <n>', 'for how long', positive)
    .addOption(
      new Option('--store <kind>', 'where the runs are kept').choices(['sqlite', 'postgres']).default('sqlite'),
    )
    .option('--workers <n>', 'worker processes at once', positive, 2)
    .option('--load <n>', 'runs open at once', positive, 30)
    .option('--seed <text>', 'the order of kills and starts (not of what they hit)')
    .option('--keep <dir>', 'keep the SQLite file here')
    .option('--json', 'the last line is one object')
    .option('--verbose', 'tell of every trouble a worker reports')
    .action(async ({ json, verbose, seed = String(Date.now()), ...given }: Given) => {
      const onSay = verbose === true ? (line: string) => void process.stderr.write(`${line}\n`) : undefined;
      const report = await runKillCampaign({ ...given, seed, ...(onSay === undefined ? {} : { onSay }) });
      tell(report, seed);
      if (json === true) say(JSON.stringify(report));
      if (!isGood(report)) process.exitCode = 1;
    });
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell(report: KillReport, seed: string): void {
  const { kills, pauses, runs, effects, takeovers, events } = report;
  say(
    `seed ${seed}: ${kills} kills and ${pauses} pauses over ${runs} runs (${events} events, ${effects} effects); ` +
      `${takeovers} times a run was taken from a killed worker, p50 ${report.resumeMsP50} ms, p99 ${report.resumeMsP99} ms`,
  );
  say(
    `lost ${report.lost}, duplicated ${report.duplicated}, unfinished ${report.unfinished}, broken ${report.broken}; ` +
      `the sink was asked ${report.repeated} times again for what it had done`,
  );
  for (const [code, times] of Object.entries(report.troubles)) say(`trouble ${code}: ${times}`);
  for (const finding of report.findings) say(finding);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0');
  return value;
}
