/** `skein lab`: the laboratory's commands, handed to the command line. */
import { Command } from 'commander';
import { killCommand } from './kill/command.ts';

export function labCommand(): Command {
  return new Command('lab').description('break a swarm on purpose, with the same seed twice').addCommand(killCommand());
}
