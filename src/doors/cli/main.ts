/** The command line. */
import { Command } from 'commander';
import { labCommand } from '../../lab/commands.ts';

const program = new Command('skein').description('swarms of AI agents whose every run is a journal');
program.addCommand(labCommand());
await program.parseAsync();
