/** `skein journal` */
import { type Command, InvalidArgumentError } from 'commander';
import { nearest } from '../../../base/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { brief, fit, plain, widthOf } from '../paint.ts';
import { eventsOf } from '../reading.ts';
import { mustBeThere, mustHaveSteps } from '../there.ts';
import { wholeNumber } from './tail.ts';

interface Given extends SiteWords {
  after?: number;
  limit?: number;
  type?: string;
  step?: string;
}

export function registerJournal(program: Command, door: Door): void {
  addCommand(program, {
    name: 'journal <run>',
    does: 'print the events of a run as they were written',
    examples: [
      ['journal r_0mwp --type attempt.ended', 'one kind of event'],
      ['journal r_0mwp --json', 'all of it, one JSON a line'],
    ],
  })
    .option('--after <seq>', 'only events after this one', wholeNumber)
    .option('--limit <n>', 'at most so many', atLeastOne)
    .option('--type <type>', 'only events whose type is this, or begins so')
    .option('--step <step>', 'only events of this step and of what is inside it')
    .action((run: string, given: Given) =>
      door.withStore(given, async (store) => {
        await mustBeThere(store, run);
        const { after, limit = Infinity, type, step } = given;
        let told = 0;
        let firstAt: number | undefined;
        const types = new Set<string>();
        for await (const { seq, at, in: input, event } of eventsOf(store, run, { after, live: false })) {
          firstAt ??= at;
          types.add(event.type);
          if (type !== undefined && event.type !== type && !event.type.startsWith(`${type}.`)) continue;
          if (step !== undefined && !isOf(event, step)) continue;
          if (told++ >= limit) break;
          if (door.json) door.line(JSON.stringify({ seq, at, in: input, ...event }));
          else door.line(wordsOf(door, seq, at - firstAt, event));
        }
        if (told > 0) return;
        if (step !== undefined) await mustHaveSteps(store, run, step);
        door.note(`no event of ${run} matches${type === undefined ? '' : typeHint(type, types)}`);
      }),
    );
}

/** Types have two words: one is enough to name all of its kind. */
function typeHint(type: string, types: ReadonlySet<string>): string {
  const isThere = [...types].some((one) => one === type || one.startsWith(`${type}.`));
  return isThere
    ? ''
    : nearest(
        type,
        [...types].flatMap((one) => [one, one.split('.')[0]!]),
      );
}

function isOf(event: object, step: string): boolean {
  const id = (event as { step?: string }).step;
  return id === step || id?.startsWith(`${step}/`) === true;
}

/** On a terminal no fact takes the place of the others. */
const FACT_WIDTH = 40;

function wordsOf({ paint, terminal }: Door, seq: number, afterMs: number, event: { type: string }): string {
  const { type, step, data, ...rest } = event as { type: string; step?: string; data?: unknown };
  const left = `${String(seq).padStart(5)} ${`${(afterMs / 1_000).toFixed(2)}s`.padStart(9)}  `;
  const facts = Object.entries(rest).map(
    ([name, value]) => `${name}=${brief(value, terminal.columns() === Infinity ? Infinity : FACT_WIDTH)}`,
  );
  const payload = data === undefined ? [] : [brief(data, terminal.columns())];
  const words = [step === undefined ? undefined : plain(step), ...facts, ...payload].filter(
    (word) => word !== undefined,
  );
  const name = type.padEnd(16);
  const room = terminal.columns() - widthOf(left) - name.length - 1;
  return `${paint('dim', left)}${paint('cyan', name)} ${fit(words.join(' '), room)}`;
}

function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('a whole number from 1');
}
