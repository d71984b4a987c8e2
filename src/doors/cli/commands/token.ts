/** `skein token`: who may call the network doors of this site. */
import { type Command, InvalidArgumentError } from 'commander';
import { Fault } from '../../../base/index.ts';
import { realClock } from '../../../site/clock.ts';
import type { TokenEntry, TokenFile } from '../../guard/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { plain, table } from '../paint.ts';
import { tokenFileOf } from '../token-place.ts';

interface AddWords extends SiteWords {
  right?: string[];
  for?: string[];
  principal?: string;
  days?: string;
}

/** Each asks for tokens that are for it. */
const DOORS = ['http', 'mcp', 'a2a', 'ag-ui'];
const DAY_MS = 86_400_000;

export function registerToken(program: Command, door: Door): void {
  const open = async (given: SiteWords): Promise<TokenFile> => {
    const settings = await door.settings(given);
    // The network's libraries are loaded by whoever needs them.
    const { openTokenFile } = await import('../../guard/index.ts');
    return openTokenFile(tokenFileOf(settings), realClock);
  };

  const made = addCommand(program, {
    name: 'token',
    does: 'the tokens of this site: who may call its HTTP, MCP and A2A doors, and what for',
    examples: [
      ['token', 'those that there are'],
      ['token add --help', 'one more'],
    ],
  }).action(async (given: SiteWords) => {
    const tokens = (await open(given)).list();
    door.tell({ tokens }, () => listed(door, tokens));
  });
  made.enablePositionalOptions();

  addCommand(made, {
    name: 'show',
    does: "the operator's own token; others can be read only when they are made",
    examples: [['token show', 'for an Authorization header']],
  }).action(async (given: SiteWords) => {
    const token = (await open(given)).operator();
    door.tell({ name: 'operator', token }, () => token);
  });

  addCommand(made, {
    name: 'add <name>',
    does: 'make a token and print it, this once',
    examples: [['token add ci --right run:start --right run:read --for http --days 90', 'for a pipeline']],
  })
    .option('--right <right...>', 'what it may do: run:start, run:read, gate:answer, ... or * for all')
    .option('--for <door...>', `the doors it is for: ${DOORS.join(', ')}, or a public address (default: all)`, doors)
    .option('--principal <id>', 'who calls with it (default: its name)')
    .option('--days <days>', 'it ends after so many days')
    .action(async (name: string, given: AddWords) => {
      const rights = given.right ?? [];
      if (rights.length === 0)
        throw new Fault('input.invalid', `what may '${name}' do? Name each right: --right run:start --right run:read`);
      const untilMs = given.days === undefined ? undefined : realClock.nowMs() + daysOf(given.days) * DAY_MS;
      const token = (await open(given)).add({ name, rights, principal: given.principal, audience: given.for, untilMs });
      door.tell({ name, token }, () => token);
    });

  addCommand(made, {
    name: 'rotate <name>',
    does: 'a new token for the same name, printed; the old one holds for a minute more',
    examples: [['token rotate operator', 'when somebody may have seen it']],
  })
    .option('--now', 'the old one ends at once')
    .action(async (name: string, given: SiteWords & { now?: boolean }) => {
      const token = (await open(given)).rotate(name, given.now === true ? { graceMs: 0 } : {});
      door.tell({ name, token }, () => token);
    });

  addCommand(made, {
    name: 'remove <name>',
    does: 'end a token; a site that runs hears of it within a second',
    examples: [['token remove ci', 'its bearer is refused from now on']],
  }).action(async (name: string, given: SiteWords) => {
    (await open(given)).remove(name);
    door.tell({ removed: name }, () => `token '${name}' is removed`);
  });
}

function listed(door: Door, tokens: readonly TokenEntry[]): string[] {
  const head = ['NAME', 'PRINCIPAL', 'RIGHTS', 'FOR', 'UNTIL'].map((text) => door.paint('dim', text));
  const rows = tokens.map(({ name, principal, rights, audience, untilMs }) => [
    plain(name),
    plain(principal),
    plain(rights.join(' ')),
    plain(audience?.join(' ') ?? 'every door'),
    untilMs === undefined ? 'no end' : new Date(untilMs).toISOString().slice(0, 16),
  ]);
  return table([head, ...rows], door.terminal.columns());
}

function daysOf(text: string): number {
  const days = Number(text);
  if (days > 0 && Number.isFinite(days)) return days;
  throw new Fault('input.invalid', `--days takes a number of days, not '${text}'`);
}

function doors(text: string, before: string[] = []): string[] {
  if (DOORS.includes(text) || URL.canParse(text)) return [...before, text];
  throw new InvalidArgumentError(`one of ${DOORS.join(', ')}, or the public address of one`);
}
