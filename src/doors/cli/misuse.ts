/** A call that the command line itself does not understand, as a fault like any other: what, and what to do. */
import type { Command, CommanderError } from 'commander';
import { Fault } from '../../base/index.ts';

/** `skein agents add` */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Help or a version was asked for and given: nothing is wrong. */
export function isAnswered(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as Partial<CommanderError>).exitCode === 0;
}

export function misuse(command: Command, { code, message }: CommanderError): Fault {
  const path = pathOf(command);
  const inner = command.commands.filter((one) => one.name() !== 'help').map((one) => one.name());
  // Its help was printed in the place of an error.
  const isBare = code === 'commander.help';
  const said = isBare ? `no such command, or none: ${path}` : message.replace(/^error: /, '').replaceAll('\n', ' ');
  const few = inner.length > 0 && inner.length <= MOST_NAMED ? `: ${inner.join(', ')}` : '';
  const next =
    isBare || code === 'commander.unknownCommand' || (code === 'commander.excessArguments' && inner.length > 0)
      ? `\`${path} --help\` lists its commands${few}.`
      : `\`${path} --help\` shows its arguments and options, with an example.`;
  return new Fault('input.invalid', said, { detail: { next } });
}

/** More commands than these are for the help. */
const MOST_NAMED = 8;
