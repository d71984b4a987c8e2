/** Completion scripts, made of the tree of commands itself. */
import type { Command } from 'commander';
import { inQuotes } from '../../base/index.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  word: string;
  does: string;
}

interface Place {
  /** The commands that lead here: `lab sim`. */
  path: string;
  commands: Word[];
  options: Word[];
}

export function completionOf(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  return { bash, zsh, fish }[shell](places);
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const inner = command.commands.filter((one) => one.name() !== 'help');
  const commands = inner.map((one) => ({ word: one.name(), does: one.description() }));
  const options = command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long == null ? [] : [{ word: long, does: description }]));
  const here = { path: path.join(' '), commands, options };
  return [here, ...inner.flatMap((one) => placesOf(one, [...path, one.name()]))];
}

/** On one line, between single quotes. */
function quoted(text: string): string {
  return inQuotes(text).replaceAll('\n', ' ');
}

const words = (list: readonly Word[]): string => list.map(({ word }) => word).join(' ');

function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options }) => {
    const all = words([...commands, ...options]);
    return `    '${path}') all='${quoted(all)}' ;;`;
  });
  const known = places.map(({ path }) => `'${path}'`).filter((path) => path !== "''");
  return `# skein completion for bash: eval "$(skein completion bash)"
_skein() {
  local word path='' try all='' i
  word="\${COMP_WORDS[COMP_CWORD]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    try="\${path:+$path }\${COMP_WORDS[i]}"
    case "$try" in ${known.join(' | ')}) path="$try" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$all" -- "$word"))
  [[ "$word" == -* || -z "$path" || \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _skein skein
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options }) => {
    const all = [...commands, ...options].map(({ word, does }) => `'${word}:${quoted(does).replaceAll(':', '\\:')}'`);
    return `    '${path}') all=(${all.join(' ')}) ;;`;
  });
  const known = places.map(({ path }) => `'${path}'`).filter((path) => path !== "''");
  return `#compdef skein
# skein completion for zsh: eval "$(skein completion zsh)"
_skein() {
  local path_='' try i
  local -a all
  for ((i = 2; i < CURRENT; i++)); do
    try="\${path_:+$path_ }\${words[i]}"
    case "$try" in (${known.join('|')}) path_="$try" ;; esac
  done
  case "$path_" in
${cases.join('\n')}
  esac
  _describe 'skein' all || _files
}
compdef _skein skein
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const seen = path.split(' ').filter(Boolean);
    const last = seen.at(-1);
    const inner = commands.map(({ word }) => word);
    const parts = seen.map((one) => `__fish_seen_subcommand_from ${one}`);
    const deeper = inner.length > 0 ? [`not __fish_seen_subcommand_from ${inner.join(' ')}`] : [];
    const when = last === undefined ? '__fish_use_subcommand' : [...parts, ...deeper].join('; and ');
    return [
      ...commands.map(({ word, does }) => `complete -c skein -f -n '${when}' -a '${word}' -d '${quoted(does)}'`),
      ...options.map(({ word, does }) => `complete -c skein -n '${when}' -l '${word.slice(2)}' -d '${quoted(does)}'`),
    ];
  });
  return `# skein completion for fish: skein completion fish | source\n${lines.join('\n')}\n`;
}
