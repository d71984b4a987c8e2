/** `skein tokens` */
import { type Command, InvalidArgumentError } from 'commander';
import { realClock } from '../../../site/clock.ts';
import type { TokenEntry, TokenFile } from '../../guard/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { plain, span, table } from '../paint.ts';
import { tokenFileOf } from '../token-place.ts';

interface AddWords extends SiteWords {
  right: string[];
  audience?: string[];
  days?: number;
}

export function registerTokens(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'tokens',
    does: 'who may call the network doors of this site; a token is shown once, when it is made',
    examples: [
      ['tokens', 'who has one, with which rights'],
      ['tokens add ci --right run:start --days 30', 'prints the new token, and nothing else'],
    ],
  }).action((given: SiteWords) =>
    withTokens(door, given, (file) => {
      const list = file.list();
      door.tell({ file: file.path, tokens: list }, () => {
        const head = ['NAME', 'RIGHTS', 'FOR', 'ENDS', 'MADE'].map((text) => door.paint('dim', text));
        return table([head, ...list.map(wordsOf)], door.terminal.columns());
      });
    }),
  );
  made.enablePositionalOptions();

  addCommand(made, {
    name: 'add <name>',
    does: 'make a token; it is printed now and can not be read again',
    examples: [['tokens add ci --right run:start run:read', 'a token that can do these two things']],
  })
    .requiredOption('--right <right...>', 'what it may do; `*` is everything')
    .option('--audience <door...>', 'only at these doors: http, mcp, a2a')
    .option('--days <n>', 'how long it holds', days)
    .action((name: string, given: AddWords) =>
      withTokens(door, given, (file) => {
        const untilMs = given.days === undefined ? undefined : Date.now() + given.days * 86_400_000;
        const token = file.add({ name, rights: given.right, audience: given.audience, untilMs });
        door.tell({ name, token }, () => token);
      }),
    );

  addCommand(made, {
    name: 'rotate <name>',
    does: 'a new token for the same name; the old one holds for a minute more',
    examples: [['tokens rotate ci', 'prints the new token']],
  }).action((name: string, given: SiteWords) =>
    withTokens(door, given, (file) => {
      const token = file.rotate(name);
      door.tell({ name, token }, () => token);
    }),
  );

  addCommand(made, {
    name: 'remove <name>',
    does: 'a token that holds no longer; a site that is up knows within a second',
    examples: [['tokens remove ci', 'its next call is refused']],
  }).action((name: string, given: SiteWords) =>
    withTokens(door, given, (file) => {
      file.remove(name);
      door.tell({ name, removed: true }, () => `the token '${name}' holds no longer`);
    }),
  );
}

async function withTokens(door: Door, given: SiteWords, use: (file: TokenFile) => void): Promise<void> {
  const settings = await door.settings(given);
  // The network's libraries are loaded by whoever needs them.
  const { openTokenFile } = await import('../../guard/index.ts');
  use(openTokenFile(tokenFileOf(settings), realClock));
}

function wordsOf({ name, rights, audience, untilMs, madeMs }: TokenEntry): string[] {
  const ends =
    untilMs === undefined ? 'never' : untilMs < Date.now() ? 'has ended' : `in ${span(untilMs - Date.now())}`;
  const ago = `${span(Date.now() - madeMs)} ago`;
  return [plain(name), plain(rights.join(' ')), plain(audience?.join(' ') ?? 'all doors'), ends, ago];
}

function days(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number of days above 0');
}
