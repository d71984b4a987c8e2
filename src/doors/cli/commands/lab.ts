/** `skein lab`: handed in as the laboratory makes it. */
import type { Command } from 'commander';
import { labCommand } from '../../../lab/commands.ts';

export function registerLab(program: Command): void {
  program.addCommand(labCommand());
}
