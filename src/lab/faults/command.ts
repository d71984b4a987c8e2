/** `skein lab faults` */
import { Command, InvalidArgumentError } from 'commander';
import { AGENT_TROUBLES } from '../../ports/agent/index.ts';
import { type CampaignReport, runFaultCampaign } from './campaign.ts';

interface Given {
  runs: number;
  seed: string;
  rate: number;
  kinds?: string[];
  json?: boolean;
}

export function faultsCommand(): Command {
  return new Command('faults')
    .description('put faults into agents and the store while runs flow; tell what was healed, escalated, or silent')
    .option('--runs <n>', 'how many runs', number, 200)
    .option('--rate <share>', 'of the calls, how many go wrong: 0 to 1', number, 0.1)
    .option('--seed <text>', 'the same seed, the same faults', '1')
    .option('--kinds <list>', `only these: ${[...AGENT_TROUBLES, 'store'].join(', ')}`, (list) => list.split(','))
    .option('--json', 'the last line is one object')
    .action(async ({ json, ...given }: Given) => {
      const report = await runFaultCampaign(given);
      tell(report);
      if (json === true) say(JSON.stringify(report));
      if (report.silent + report.duplicated + report.wrongOutputs + report.unfinished > 0) process.exitCode = 1;
    });
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell(report: CampaignReport): void {
  say('KIND              INJECTED   HEALED ESCALATED HARMLESS  SILENT');
  for (const [kind, row] of Object.entries(report.kinds).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const figures = [row.injected, row.healed, row.escalated, row.harmless, row.silent];
    say(`${kind.padEnd(17)} ${figures.map((figure) => String(figure).padStart(8)).join(' ')}`);
  }
  const { seed, runs, completed, failed, unfinished, duplicated, wrongOutputs, silent } = report;
  say(
    `seed ${seed}: ${runs} runs, ${completed} completed, ${failed} failed and said why, ${unfinished} unfinished; ` +
      `effects done twice ${duplicated}, wrong outputs ${wrongOutputs}, silent ${silent}`,
  );
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0');
  return value;
}
