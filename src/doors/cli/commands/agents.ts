/** `skein agents` */
import type { Command } from 'commander';
import { loadParts, openParts } from '../../../site/config/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { keptDeclarations } from '../kept-agents.ts';
import { amountsText, plain, table } from '../paint.ts';
import { registerAgentsAdd } from './agents-add.ts';
import { registerAgentsRemove } from './agents-remove.ts';
import { registerAgentsTest } from './agents-test.ts';

interface Given extends SiteWords {
  skill?: string;
}

export function registerAgents(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'agents',
    does: 'who can work here: the agents of the configuration and of the store, their skills, effects and prices',
    examples: [
      ['agents --skill summarize', 'who can do this one thing'],
      ['agents add --help', 'one more, while the site runs'],
    ],
  })
    .option('--skill <name>', 'only those who have this skill')
    .action(async (given: Given) => {
      const settings = await door.settings(given);
      const parts = await loadParts(settings.config, settings.folder);
      const kept = await keptDeclarations(settings, door);
      const agents = await openParts({ ...parts, declared: [...parts.declared, ...kept] }, settings.folder);
      const cards = agents.flatMap(({ name, skills }) => skills.map((skill) => ({ agent: name, ...skill })));
      for (const agent of agents) await agent.close?.();
      const fitting = cards.filter(({ name }) => given.skill === undefined || name === given.skill);
      door.tell({ agents: fitting }, () => {
        if (fitting.length === 0)
          return given.skill === undefined ? 'no agents here' : `nobody here has '${given.skill}'`;
        const head = ['AGENT', 'SKILL', 'EFFECT', 'PRICE', ''].map((text) => door.paint('dim', text));
        const rows = fitting.map(({ agent, name, effect, keyed, undeclared, price, description }) => [
          plain(agent),
          plain(name),
          undeclared === true ? `${effect} (undeclared)` : keyed === true ? `${effect}, keyed` : effect,
          price === undefined ? 'unpriced' : amountsText(price) || 'free',
          plain(description ?? ''),
        ]);
        return table([head, ...rows], door.terminal.columns());
      });
    });
  made.enablePositionalOptions();
  registerAgentsAdd(made, door);
  registerAgentsRemove(made, door);
  registerAgentsTest(made, door);
}
