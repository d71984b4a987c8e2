/** `skein tail` */
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { showRun } from '../progress/index.ts';
import { eventsOf } from '../reading.ts';
import { unlessStopped, untilStopped } from '../stopping.ts';
import { mustBeThere } from '../there.ts';

interface Given extends SiteWords {
  after?: number;
  lines?: boolean;
  follow: boolean;
}

export function registerTail(program: Command, door: Door): void {
  addCommand(program, {
    name: 'tail <run>',
    does: 'follow a run from its journal, whoever works on it',
    examples: [
      ['tail r_0mwp', 'drawn as it goes; line by line where it is piped'],
      ['tail r_0mwp --json --after 41', 'every event after 41, one JSON a line; misses none, repeats none'],
    ],
    exits: { [EXITS.done]: 'it ended, however it did', [EXITS.left]: 'left with Ctrl-C' },
  })
    .option('--after <seq>', 'only events after this one', wholeNumber)
    .option('--lines', 'line by line, also on a terminal')
    .option('--no-follow', 'what is there now, and no waiting')
    .action((run: string, given: Given) =>
      door.withStore(given, async (store) => {
        await mustBeThere(store, run);
        using stopping = untilStopped(door.terminal);
        const { after, follow: live, lines } = given;
        const events = eventsOf(store, run, { after, live, signal: stopping.signal });
        // A picture of a part would be no picture.
        const how = { events: door.json, lines: lines === true || after !== undefined, hint: 'Ctrl-C leaves it' };
        const ended = await unlessStopped(stopping, async () => {
          await showRun(door, run, events, how);
        });
        if (ended) return;
        door.exitCode = EXITS.left;
        door.note(`left ${run}; follow it again: skein tail ${run}`);
      }),
    );
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('a whole number from 0');
}
