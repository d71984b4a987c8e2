// docs/cli.md, made of the tree of commands.
import type { Command } from 'commander';
import { createDoor } from '../../src/doors/cli/door.ts';
import { exitWords } from '../../src/doors/cli/exits.ts';
import { testTerminal } from '../../src/doors/cli/fixtures/terminal.ts';
import { createProgram } from '../../src/doors/cli/program.ts';
import { labCommand } from '../../src/lab/commands.ts';

const TOP = `# Command line

Made from the commands themselves by \`node scripts/reference.ts\`; do not edit by hand.

In a clone say \`npm run -s skein -- ARGS\`, elsewhere \`npx skein ARGS\`. Commands that only read work on the store whether
the site is up or down. Those that act (\`approve\`, \`cancel\`, \`signal\`, ...) leave a letter at the store, so they work then
too, and say who hears it. \`skein run\` hands its run to a site that is up; where none is, it is a worker itself until its
run has ended, and carries on whatever else is open in this store that it can. \`--json\` prints JSON to standard output; faults then are JSON on standard error. Colour goes where
a terminal is, and nowhere with \`NO_COLOR\`.
`;

export function cliReference(): string {
  const program = createProgram(createDoor(testTerminal()), '', labCommand());
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const exits = Object.entries(exitWords).map(([code, words]) => `| ${code} | ${words} |`);
  return [
    TOP,
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...exits,
    '',
    ...commands.flatMap((command) => section(command, 'skein', 2)),
  ]
    .join('\n')
    .concat('\n')
    .replace(/\n+$/, '\n');
}

function section(command: Command, path: string, depth: number): string[] {
  const name = `${path} ${command.name()}`;
  const inner = command.commands.filter((one) => one.name() !== 'help');
  return [
    `${'#'.repeat(depth)} ${name}`,
    '',
    ...(inner.length > 0 ? [command.description(), ''] : ['```text', helpOf(command), '```', '']),
    ...inner.flatMap((one) => section(one, name, depth + 1)),
  ];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text.trimEnd();
}
