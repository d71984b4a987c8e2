/** The tree of commands. */
import { Command } from 'commander';
import { BEGIN, registerAll } from './commands/index.ts';
import type { Door } from './door.ts';
import { EXITS } from './exits.ts';

export function createProgram(door: Door, version: string, lab: Command): Command {
  const { terminal } = door;
  const program = new Command('skein')
    .description('Skein runs swarms of AI agents; every run is a journal.')
    // What follows a command's name is that command's, though one around it has an option of that name.
    .enablePositionalOptions()
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .hook('preAction', (_program, command) => {
      door.json = command.opts()['json'] === true;
    });
  registerAll(program, door);
  program.addCommand(lab);
  program.addHelpCommand(
    new Command('help').argument('[command]').description('print the help of a command').helpGroup(BEGIN),
  );
  adapt(program, door, () => terminal.columns());
  return program;
}

/** The library would end the process by itself, and always with 1. */
function adapt(command: Command, door: Door, columns: () => number): void {
  command
    .exitOverride((error) => {
      door.exitCode = error.exitCode === 0 ? EXITS.done : EXITS.wrong;
      throw error;
    })
    .configureOutput({
      writeOut: (text) => door.terminal.out(text),
      writeErr: (text) => door.terminal.err(text),
      getOutHelpWidth: columns,
      getErrHelpWidth: columns,
      getOutHasColors: () => door.terminal.colour,
    });
  for (const inner of command.commands) adapt(inner, door, columns);
}
