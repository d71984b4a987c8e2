/** `skein completion` */
import { Argument, type Command } from 'commander';
import { addCommand } from '../command.ts';
import { completionOf, type Shell, SHELLS } from '../completion.ts';
import type { Door } from '../door.ts';

export function registerCompletion(program: Command, door: Door): void {
  addCommand(program, {
    name: 'completion',
    does: 'print the completion script for a shell',
    site: false,
    examples: [
      ['completion bash', 'in ~/.bashrc: eval "$(skein completion bash)"'],
      ['completion fish', 'in config.fish: skein completion fish | source'],
    ],
  })
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .action((shell: Shell) => {
      const script = completionOf(program, shell);
      door.tell({ shell, script }, () => script.trimEnd());
    });
}
