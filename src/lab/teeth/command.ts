/** `skein lab teeth` */
import { Command, InvalidArgumentError } from 'commander';
import { checks, type CheckId } from '../sim/finding.ts';
import { bite, MOST_SEEDS, teeth } from './teeth.ts';

interface Given {
  seeds: number;
  only?: string;
  json?: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function teethCommand(): Command {
  return new Command('teeth')
    .description('plant one bug after the other: the simulator must catch every one, by the check that is meant for it')
    .option('--seeds <n>', 'a bug that so many worlds do not show is missed', whole, MOST_SEEDS)
    .option('--only <id>', 'only this bug')
    .option('--json', 'the last line is one object')
    .action(async ({ seeds, only, json }: Given) => {
      const chosen = teeth.filter((tooth) => only === undefined || tooth.id === only);
      const missed: string[] = [];
      const shown = new Set<CheckId>();
      for (const tooth of chosen) {
        const { seed, check, what, seeds: tried } = await bite(tooth, { seeds, by: true });
        if (seed === undefined || check === undefined) {
          missed.push(tooth.id);
          say(
            `MISSED  ${tooth.id}: ${tooth.bug} (${tried} seeds); again: npm run -s skein -- lab teeth --only '${tooth.id}'`,
          );
          continue;
        }
        shown.add(check);
        say(`caught  ${tooth.id}: ${tooth.bug}; ${check} at seed ${seed}: ${what.slice(0, 100)}`);
      }
      const idle = only === undefined ? Object.keys(checks).filter((id) => !shown.has(id as CheckId)) : [];
      for (const id of idle) say(`MISSED  no planted bug makes the check ${id} fail`);
      say(`${chosen.length} planted, ${chosen.length - missed.length} caught, ${missed.length} missed`);
      const report = { planted: chosen.length, caught: chosen.length - missed.length, missed };
      if (json === true) say(JSON.stringify(report));
      if (missed.length > 0 || idle.length > 0 || chosen.length === 0) process.exitCode = 1;
    });
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('a whole number above 0');
  return value;
}
