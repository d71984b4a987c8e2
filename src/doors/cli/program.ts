/** The tree of commands. */
import { Command } from 'commander';
import { BEGIN, registerAll } from './commands/index.ts';
import type { Door } from './door.ts';
import { misuse, pathOf } from './misuse.ts';
import { COLUMNS } from './terminal.ts';

export function createProgram(door: Door, version: string, lab: Command): Command {
  const { terminal } = door;
  const program = new Command('skein')
    .description('Skein runs swarms of AI agents; every run is a journal.')
    // What follows a command's name is that command's, though one around it has an option of that name.
    .enablePositionalOptions()
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .hook('preAction', (_program, command) => {
      door.json = command.opts()['json'] === true;
      door.command = pathOf(command);
    });
  registerAll(program, door);
  program.addCommand(lab);
  program.addHelpCommand(
    new Command('help').argument('[command]').description('print the help of a command').helpGroup(BEGIN),
  );
  adapt(program, door, () => (Number.isFinite(terminal.columns()) ? terminal.columns() : COLUMNS));
  return program;
}

/** The library would end the process by itself, and always with 1. */
function adapt(command: Command, door: Door, columns: () => number): void {
  command
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : misuse(command, error);
    })
    .configureOutput({
      writeOut: (text) => door.terminal.out(text),
      writeErr: (text) => door.terminal.err(text),
      // What was called wrongly is told as every fault is.
      outputError: () => {},
      getOutHelpWidth: columns,
      getErrHelpWidth: columns,
      getOutHasColors: () => door.terminal.colour,
    });
  for (const inner of command.commands) adapt(inner, door, columns);
}
