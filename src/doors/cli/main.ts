#!/usr/bin/env node
/** The command line. What went wrong is said as: what, why, what to do. */
import { Command } from 'commander';
import { toFault } from '../../base/index.ts';
import { labCommand } from '../../lab/commands.ts';

/** Exit codes: 0 done, 1 it ran and something is not as it must be, 2 called wrongly, 3 a fault. */
const FAULT_EXIT = 3;

const program = new Command('skein')
  .description('Skein runs swarms of AI agents; every run is a journal.')
  .addCommand(labCommand())
  .showHelpAfterError('(add --help for what there is)');
neverExit(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (!isCommanderError(thrown)) {
    const fault = toFault(thrown, 'internal');
    process.stderr.write(`${fault.code}: ${fault.message}\n${fault.todo}\n`);
    process.exitCode = FAULT_EXIT;
  }
}

/** The library would end the process by itself, and always with 1. */
function neverExit(command: Command): void {
  command.exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    throw error;
  });
  for (const inner of command.commands) neverExit(inner);
}

function isCommanderError(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'exitCode' in thrown;
}
