/** `skein mcp` */
import type { Command } from 'commander';
import { Option } from 'commander';
import { openConfigured } from '../../../site/config/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { untilStopped } from '../stopping.ts';

interface Given extends SiteWords, ByWords {
  right?: string[];
}

export function registerMcp(program: Command, door: Door): void {
  withBy(
    addCommand(program, {
      name: 'mcp',
      brief: 'be an MCP server over standard input and output',
      does: 'be an MCP server over standard input and output, for a host that starts it: its tools run this site',
      examples: [
        ['mcp --config /srv/flock/skein.config.ts', 'what a host is told to start'],
        ['mcp --right run:start --right agent:read', 'a host that may start runs, and not answer their gates'],
      ],
      exits: { [EXITS.done]: 'the host has closed its end' },
    }),
  )
    .addOption(new Option('--right <name...>', 'only these rights, instead of every one'))
    .action((given: Given) => mcp(door, given));
}

/** Standard output is the wire: nothing is told there. */
async function mcp(door: Door, given: Given): Promise<void> {
  // Its libraries are loaded by no other command.
  const { serveMcpStdio } = await import('../../mcp/index.ts');
  const settings = await door.settings(given);
  using stopping = untilStopped(door.terminal);
  const onTrouble = (_: unknown, fault: { code: string; message: string } | undefined): void => {
    if (fault !== undefined) door.note(`${fault.code}: ${fault.message}`);
  };
  const site = await openConfigured(settings, { onTrouble });
  try {
    const principal = principalOf(given);
    const by = given.right === undefined ? principal : { ...principal, rights: given.right };
    const server = await serveMcpStdio({ site, by, onTrouble: (thrown) => door.note(String(thrown)) });
    const stopped = new Promise<void>((resolve) => {
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([server.closed, stopped]);
    await server.close();
  } finally {
    await site.stop({ graceMs: settings.config.worker.graceMs });
  }
}
