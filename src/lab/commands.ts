/** What `skein lab` offers. The CLI door hands it in; each laboratory adds its own command here. */
import { Command } from 'commander';
import { withExamples } from '../doors/cli/command.ts';
import { faultsCommand } from './faults/command.ts';
import { killCommand } from './kill/command.ts';
import { llmCommand } from './llm/command.ts';
import { simCommand } from './sim/command.ts';
import { swarmCommand } from './swarm/command.ts';
import { teethCommand } from './teeth/command.ts';

export function labCommand(): Command {
  const commands = [
    withExamples(simCommand(), {
      examples: [
        ['lab sim --seeds 10', 'ten worlds; a violation is printed with the command that repeats it'],
        ['lab sim --seed 7320', 'one world, with its trace'],
      ],
      exits: { 0: 'every promise was kept', 1: 'one was not: it is printed' },
    }),
    withExamples(teethCommand(), {
      examples: [['lab teeth --only "lying disk"', 'one planted bug; without --only all of them, some minutes']],
      exits: { 0: 'every bug was caught', 1: 'one was missed, or there is none of that name' },
    }),
    withExamples(killCommand(), {
      examples: [['lab kill --seconds 10', 'on SQLite; two workers, killed all the time']],
      exits: { 0: 'nothing was lost, doubled or left', 1: 'something was: it is printed' },
    }),
    withExamples(faultsCommand(), {
      examples: [['lab faults --runs 20 --rate 0.2', 'a fifth of all calls goes wrong']],
      exits: { 0: 'every failure was healed or escalated', 1: 'one was silent, or an effect happened twice' },
    }),
    withExamples(llmCommand(), {
      examples: [
        ['lab llm --port 11500', 'until Ctrl-C; an agent at it, from another terminal:'],
        [
          "agents add m --llm 'local/echo:empty*2' --base-url http://127.0.0.1:11500/v1 --skill say",
          'its first two answers are empty; then: skein agents test m',
        ],
      ],
      exits: { 0: 'it was told to stop' },
    }),
    withExamples(swarmCommand(), {
      examples: [['lab swarm --items 50', 'every protocol on simulated populations; some minutes']],
      exits: { 0: 'measured', 1: 'a protocol was right less often than --least' },
    }),
  ];
  const lab = new Command('lab').description('simulations, campaigns and planted bugs: what Skein is tested with');
  for (const command of commands) lab.addCommand(command);
  return lab;
}
