/** `skein ps` */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { shellWord } from '../../../base/index.ts';
import type { Site } from '../../../site/site.ts';
import { loadRun } from '../../../site/load.ts';
import { listRuns, MAX_RUNS_LISTED, type RunRow } from '../../../site/runs.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { type Paint, plain, span, table } from '../paint.ts';
import { aliveOf, standingOf } from '../standing.ts';
import { mustBeThere } from '../there.ts';

interface Given extends SiteWords {
  status?: 'open' | 'ended';
  workflow?: string;
  limit: number;
  after?: string;
}

export function registerPs(program: Command, door: Door): void {
  addCommand(program, {
    name: 'ps',
    does: 'list runs, newest first',
    examples: [
      ['ps', 'the last 20 runs'],
      ['ps --status open --json', 'those still under way, for a script'],
    ],
  })
    .addOption(new Option('--status <status>', 'only these').choices(['open', 'ended']))
    .option('--workflow <name>', 'only runs of this workflow')
    .option('--limit <n>', 'how many', countUpTo(MAX_RUNS_LISTED), 20)
    .option('--after <run>', 'those after this one: the next page')
    .action((given: Given) =>
      door.withStore(given, async (store) => {
        if (given.after !== undefined) await mustBeThere(store, given.after);
        const list = await listRuns(store, given);
        const alive = aliveOf(await store.workers());
        const states: string[] = [];
        // One at a time: a thousand long journals side by side would not fit.
        for (const row of list.runs) states.push(await stateOf(store, row, alive));
        const told = { ...list, runs: list.runs.map((row, i) => ({ ...row, state: states[i] })) };
        door.tell(told, () => {
          if (list.runs.length === 0) return 'no runs here';
          const head = ['RUN', 'STATE', 'WORKFLOW', 'AGE', 'EVENTS', ''].map((text) => door.paint('dim', text));
          const rows = list.runs.map((row, i) => wordsOf(row, states[i]!, door.paint));
          const lines = table([head, ...rows], door.terminal.columns());
          return list.next === undefined
            ? lines
            : [...lines, door.paint('dim', `more: skein ps --after ${shellWord(list.next)}`)];
        });
      }),
    );
}

/** How an open run stands. Its journal is read for it, from its last snapshot on. */
async function stateOf(store: Site['store'], row: RunRow, alive: ReadonlySet<string>): Promise<string> {
  if (row.outcome !== undefined) return row.outcome;
  return standingOf((await loadRun(store, row.run)).state, row.owner, alive);
}

function wordsOf(row: RunRow, state: string, paint: Paint): string[] {
  const colour = { completed: 'green', failed: 'red', cancelled: 'dim', continued: 'dim' } as const;
  const painted = row.outcome === undefined ? paint('cyan', state) : paint(colour[row.outcome], state);
  const name = `${row.workflow}@${row.version}`;
  return [
    plain(row.run),
    painted,
    plain(name),
    span(Date.now() - row.createdMs),
    `${row.events}`,
    plain(row.fault ?? row.goal ?? ''),
  ];
}

export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0 && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from 1 to ${most}`);
  };
}
