/** What `skein lab` offers. The CLI door hands it in; each laboratory adds its own command here. */
import { Command } from 'commander';
import { faultsCommand } from './faults/command.ts';
import { killCommand } from './kill/command.ts';
import { llmCommand } from './llm/command.ts';
import { simCommand } from './sim/command.ts';
import { swarmCommand } from './swarm/command.ts';
import { teethCommand } from './teeth/command.ts';

export function labCommand(): Command {
  return new Command('lab')
    .description('simulations, campaigns and planted bugs: what Skein is tested with')
    .addCommand(simCommand())
    .addCommand(teethCommand())
    .addCommand(killCommand())
    .addCommand(faultsCommand())
    .addCommand(llmCommand())
    .addCommand(swarmCommand());
}
