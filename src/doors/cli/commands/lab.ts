/** `skein lab`: handed in as the laboratory makes it, and loaded only by whoever asks for it. */
import { Command } from 'commander';

/** Calls that must know its commands: its own, and those that tell of all there are. */
const ASKS_FOR_IT = new Set(['lab', 'help', 'completion']);

export async function loadLab(args: readonly string[]): Promise<Command> {
  if (ASKS_FOR_IT.has(args[0] ?? '')) return wholeLab();
  return new Command('lab').description('simulations, campaigns and planted bugs: what Skein is tested with');
}

export async function wholeLab(): Promise<Command> {
  return (await import('../../../lab/commands.ts')).labCommand();
}
