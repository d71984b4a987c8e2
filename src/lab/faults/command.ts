/** `skein lab faults` */
import { Command, InvalidArgumentError } from 'commander';
import { AGENT_TROUBLES } from '../../ports/agent/index.ts';
import { type CampaignReport, runFaultCampaign } from './campaign.ts';
import { type DoorCampaign, runDoorCampaign } from './doors.ts';

interface Given {
  runs: number;
  seed: string;
  rate: number;
  kinds?: string[];
  json?: boolean;
}

export function faultsCommand(): Command {
  return new Command('faults')
    .description(
      'put faults into agents, tools, the store and a door while runs flow; tell what was healed, escalated, or silent',
    )
    .option('--runs <n>', 'how many runs', number, 200)
    .option('--rate <share>', 'of the calls, how many go wrong: above 0, at most 1', share, 0.1)
    .option('--seed <text>', 'the same seed, the same faults', '1')
    .option('--kinds <list>', `only these: ${[...AGENT_TROUBLES, 'store', 'doors'].join(', ')}`, kindsIn)
    .option('--json', 'the last line is one object')
    .action(async ({ json, ...given }: Given) => {
      const report = await runFaultCampaign(given);
      const doors = await atDoors(given);
      const kinds = { ...report.kinds, ...doors?.kinds };
      tell({ ...report, kinds }, doors);
      const silent = report.silent + (doors?.wrong ?? 0);
      if (json === true)
        say(JSON.stringify({ ...report, kinds, silent, doors: doors && { ...doors, kinds: undefined } }));
      const bad = report.duplicated + report.wrongOutputs + report.unfinished + (doors?.duplicated ?? 0);
      if (silent + bad > 0) process.exitCode = 1;
    });
}

/** All kinds, or those named beside `doors`. */
function atDoors({ kinds, ...given }: Given): Promise<DoorCampaign> | undefined {
  if (kinds !== undefined && !kinds.includes('doors')) return undefined;
  const named = kinds?.filter((kind) => kind !== 'doors' && kind !== 'store');
  return runDoorCampaign({ ...given, kinds: named?.length === 0 ? undefined : named });
}

function kindsIn(list: string): string[] {
  const kinds = list.split(',');
  const known: readonly string[] = [...AGENT_TROUBLES, 'store', 'doors'];
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`no kind '${unknown}': ${known.join(', ')}`);
  return kinds;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell(report: CampaignReport, doors: DoorCampaign | undefined): void {
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
  if (doors === undefined) return;
  const { served, refused, wrong } = doors;
  say(
    `at the door: ${served} clients had what they asked for, ${refused} were told why not; ` +
      `heard or started twice ${doors.duplicated}, wrong ${wrong}`,
  );
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0');
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('a share: above 0, at most 1');
  return value;
}
