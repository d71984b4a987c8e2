/** `skein agents remove` */
import type { Command } from 'commander';
import { withdrawAgent } from '../../../site/registry/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { withSaying } from '../kept-agents.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';

export function registerAgentsRemove(agents: Command, door: Door): void {
  const made = addCommand(agents, {
    name: 'remove <name>',
    does: 'withdraw an agent that was added; calls that are out may end, no new one begins',
    examples: [['agents remove writer', 'one of the configuration is removed there']],
  });
  withBy(made).action((name: string, given: SiteWords & ByWords) =>
    withSaying(door, given, async (saying) => {
      await withdrawAgent(saying, name, principalOf(given).id);
      door.tell({ removed: name }, () => `agent '${name}' is withdrawn`);
    }),
  );
}
