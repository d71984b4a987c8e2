/** `skein tail` */
import { type Command, InvalidArgumentError } from 'commander';
import { Fault, shellWord } from '../../../base/index.ts';
import type { Site } from '../../../site/face.ts';
import { FROM_START } from '../../../site/watch-site.ts';
import { sayWhenAlone } from '../attended.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { widthOf } from '../paint.ts';
import { look, newRunView, type RunView, showRun, siteLineOf } from '../progress/index.ts';
import { eventsOf, siteEventsOf, viewOf } from '../reading.ts';
import { unlessStopped, untilStopped } from '../stopping.ts';
import { mustBeThere } from '../there.ts';

interface Given extends SiteWords {
  after?: string;
  workflow?: string;
  lines?: boolean;
  follow: boolean;
}

/** Runs under way whose pictures are kept, to say what their events mean. */
const MAX_VIEWS = 1_000;
/** A run's id is shown so wide at most: ids that nobody chose have this length. */
const WIDEST_RUN = 27;

export function registerTail(program: Command, door: Door): void {
  addCommand(program, {
    name: 'tail [run]',
    brief: 'follow a run, or all runs of the site',
    does: 'follow a run, or all runs of the site, from the journals, whoever works on them',
    examples: [
      ['tail r_0mwp', 'drawn as it goes; line by line where it is piped'],
      ['tail r_0mwp --json --after 41', 'every event after 41, one JSON a line; misses none, repeats none'],
      ['tail', 'all runs, from now on'],
      ['tail --json --after start', 'every event of every run; `id` of the last one goes on with --after'],
    ],
    exits: { [EXITS.done]: 'it ended, however it did', [EXITS.left]: 'left with Ctrl-C' },
  })
    .option('--after <place>', 'only events after this: the seq of a run, or the id of the site (`start`: all)')
    .option('--workflow <name>', 'without a run: only runs of this workflow')
    .option('--lines', 'line by line, also on a terminal')
    .option('--no-follow', 'what is there now, and no waiting')
    .action((run: string | undefined, given: Given) =>
      door.withStore(given, (store) =>
        run === undefined ? tailSite(door, store, given) : tailRun(door, store, run, given),
      ),
    );
}

async function tailRun(door: Door, store: Site['store'], run: string, given: Given): Promise<void> {
  await mustBeThere(store, run);
  using stopping = untilStopped(door.terminal);
  const { follow: live, lines } = given;
  const after = given.after === undefined ? undefined : seqOf(given.after);
  const events = eventsOf(store, run, { after, live, signal: stopping.signal });
  // A picture of a part would be no picture.
  using alone = live ? sayWhenAlone(door, store, () => run) : undefined;
  const captions = alone?.captions;
  const how = { captions, events: door.json, lines: lines === true || after !== undefined, hint: 'Ctrl-C leaves it' };
  const ended = await unlessStopped(stopping, async () => {
    await showRun(door, run, events, how);
  });
  if (ended) return;
  door.exitCode = EXITS.left;
  door.note(`left ${run}; follow it again: skein tail ${shellWord(run)}`);
}

async function tailSite(door: Door, store: Site['store'], given: Given): Promise<void> {
  using stopping = untilStopped(door.terminal);
  const { follow: live, workflow } = given;
  let last = given.after ?? (live ? undefined : FROM_START);
  const onPlace = (id: string): void => void (last = id);
  const events = siteEventsOf(store, { after: last, live, workflow, signal: stopping.signal, onPlace });
  if (live && door.terminal.draws) door.note(door.paint('dim', 'all runs of this site; Ctrl-C leaves'));
  const views = new Map<string, RunView>();
  let wide = 0;
  const ended = await unlessStopped(stopping, async () => {
    for await (const watched of events) {
      last = watched.id;
      if (door.json) {
        door.line(JSON.stringify(watched));
        continue;
      }
      const view = await viewAt(watched.run, watched.seq);
      look(view, watched);
      const widest = Number.isFinite(door.terminal.columns()) ? WIDEST_RUN : Infinity;
      wide = Math.min(widest, Math.max(wide, widthOf(watched.run)));
      const line = siteLineOf(view, watched, { columns: door.terminal.columns(), wide, paint: door.paint });
      if (line !== undefined) door.line(line);
      if (watched.event.type === 'run.ended') views.delete(watched.run);
    }
  });
  if (ended) return;
  door.exitCode = EXITS.left;
  door.note(`left; go on where it was: skein tail${last === undefined ? '' : ` --after ${last}`}`);

  /** A run that was under way before: what it had done until then gives its events their meaning. */
  async function viewAt(run: string, seq: number): Promise<RunView> {
    let view = views.get(run);
    if (view !== undefined) return view;
    view = seq === 0 ? newRunView(run) : await viewOf(store, run, seq - 1);
    if (views.size >= MAX_VIEWS) views.clear();
    views.set(run, view);
    return view;
  }
}

function seqOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Fault('input.invalid', `--after of a run is the seq of an event, a whole number from 0, not '${text}'`, {
    detail: { next: '`skein journal RUN` shows the seqs.' },
  });
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('a whole number from 0');
}
