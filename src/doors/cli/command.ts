/** How a command is made: the same options, examples and exit codes in every one. */
import type { Command } from 'commander';
import { EXITS, exitWords } from './exits.ts';

export interface CommandWords {
  /** Name and arguments, as commander writes them: `show <run>`. */
  name: string;
  does: string;
  /** In the list of all commands; default: what stands before the first stop of `does`. */
  brief?: string;
  /** What follows `skein `, each with what it is for. */
  examples: readonly (readonly [command: string, what: string])[];
  /** Exit codes that mean something of their own here. */
  exits?: Readonly<Record<number, string>>;
  /** False: it touches no site. */
  site?: boolean;
}

/** Those that any command may end with. */
const COMMON = [EXITS.done, EXITS.wrong, EXITS.fault];
const OF_SITES = [EXITS.notFound, EXITS.refused, EXITS.store];

export function addCommand(program: Command, words: CommandWords): Command {
  const { site = true } = words;
  const made = program
    .command(words.name)
    .description(words.does)
    .summary(words.brief ?? firstPart(words.does));
  if (site) {
    made.option('--store <address>', 'the store: a path, or postgres://...');
    made.option('--config <file>', 'the configuration (default: skein.config.* here)');
  }
  made.option('--json', 'print JSON');
  return withExamples(made, words, [...COMMON, ...(site ? OF_SITES : [])]);
}

/** The end of a command's help: how it is called, and what its exit codes say. */
export function withExamples(
  made: Command,
  { examples, exits = {} }: Pick<CommandWords, 'examples' | 'exits'>,
  common: readonly number[] = COMMON,
): Command {
  const codes = [...new Set([...common, ...Object.keys(exits).map(Number)])].sort((a, b) => a - b);
  return made.addHelpText('after', () => {
    const calls = examples.map(([line, what]) => `  skein ${line}\n      ${what}`);
    const ends = codes.map((code) => `  ${String(code).padEnd(4)} ${exits[code] ?? exitWords[code] ?? ''}`);
    return ['', 'Examples:', ...calls, '', 'Exit codes:', ...ends].join('\n');
  });
}

function firstPart(does: string): string {
  return /^(?:[^:;?.]|\.(?! ))*\??/.exec(does)![0];
}
