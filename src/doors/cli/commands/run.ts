/** `skein run` */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { openConfigured, openSettingsStore } from '../../../site/config/index.ts';
import type { Site } from '../../../site/face.ts';
import { dataToFault, shellWord } from '../../../base/index.ts';
import { isUnattended, sayWhenAlone } from '../attended.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { readGivenJson } from '../given-json.ts';
import { nextOf } from '../next.ts';
import { plain, valueLines } from '../paint.ts';
import { type RunView, showRun } from '../progress/index.ts';
import { findWanted, type Wanted } from '../running.ts';
import { unlessStopped, untilStopped } from '../stopping.ts';
import { stayingWorkers, workerName } from '../workers.ts';
import { troubles } from '../troubles.ts';

interface Given extends SiteWords {
  input?: string;
  id?: string;
  goal?: string;
  label?: string[];
  deadline?: number;
  prefer?: Prefer;
  detach?: boolean;
  here?: boolean;
}

const PREFER = ['balanced', 'quality', 'cost', 'speed'] as const;
type Prefer = (typeof PREFER)[number];

export function registerRun(program: Command, door: Door): void {
  addCommand(program, {
    name: 'run <what>',
    does: 'start a run and watch it; Ctrl-C leaves it',
    examples: [
      [`run report --input '["geese"]'`, 'a workflow of the configuration'],
      ['run incident.yaml --input @alert.json', 'a workflow in a file (of several: file.ts#name)'],
      ['run report --id nightly-7', 'the same id is the same run: started once, carried on when it is there'],
    ],
    exits: { [EXITS.done]: 'it completed', [EXITS.no]: 'it failed or was cancelled', [EXITS.left]: 'left with Ctrl-C' },
  })
    .option('--input <json>', 'its input: JSON, @file, or - for standard input')
    .option('--id <run>', 'the id of the run')
    .option('--goal <text>', 'what it is for, in words')
    .option('--label <label...>', 'labels of its data')
    .option('--deadline <seconds>', 'how long it may take', seconds)
    .addOption(new Option('--prefer <what>', 'what counts when agents are chosen').choices(PREFER))
    .option('--detach', 'start it and do not wait')
    .option('--here', 'work on it in this process even when a site is up')
    .action((what: string, given: Given) => run(door, what, given));
}

/** A site that is up takes what it can within a look or two; after this long it is said that it has not. */
const UNCLAIMED_MS = 3_000;

async function run(door: Door, what: string, given: Given): Promise<void> {
  const settings = await door.settings(given);
  const wanted = await findWanted(settings, what, door.terminal.folder);
  const input = given.input === undefined ? undefined : readGivenJson(given.input, door.terminal, '--input');
  const store = await openSettingsStore(settings);
  let site: Site | undefined;
  try {
    const isUp = stayingWorkers(await store.workers()).length > 0;
    // What only a file knows is worked by whoever has the file.
    const works = given.detach !== true && (!isUp || wanted.file !== undefined || given.here === true);
    site = await openConfigured(settings, {
      store,
      works,
      keepFacts: works,
      worker: workerName(works ? 'run' : 'door'),
      workflows: wanted.file === undefined ? [] : [wanted.flow],
      onTrouble: troubles(door),
    });
    const id = await begin(door, site, wanted, input, given);
    if (given.detach === true) {
      const next = isUp ? 'the site is up and takes it' : 'no worker is up: it begins at the next `skein up`';
      const heard =
        wanted.file === undefined
          ? next
          : `whoever has the file works it: skein run ${shellWord(what)} --id ${shellWord(id)}`;
      return door.tell({ run: id, started: true, up: isUp }, () => [`${id} is started; ${heard}`, follow(door, id)]);
    }
    await watch(door, site, id, { works, what, graceMs: settings.config.worker.graceMs });
  } finally {
    await site?.stop({ graceMs: 0 });
    await store.close();
  }
}

/** A run that is there already is carried on, whatever else is said. */
async function begin(door: Door, site: Site, { flow }: Wanted, input: unknown, given: Given): Promise<string> {
  const { id, goal, label, deadline, prefer } = given;
  if (id !== undefined && (await site.store.info(id)) !== null) {
    if (input !== undefined || goal !== undefined || label !== undefined)
      door.note(`${id} is there already: it is carried on as it was started, and what else is said does not count`);
    return id;
  }
  const deadlineMs = deadline === undefined ? undefined : Date.now() + deadline * 1_000;
  const handle = await site.start(flow, input, { id, goal, labels: label, deadlineMs, prefer });
  return handle.run;
}

interface Watching {
  works: boolean;
  what: string;
  graceMs: number;
}

async function watch(door: Door, site: Site, first: string, { works, what, graceMs }: Watching): Promise<void> {
  using stopping = untilStopped(door.terminal);
  let id = first;
  const captions: string[] = [];
  using _alone = works ? undefined : sayWhenAlone(door, site.store, () => id, captions);
  const unclaimed = works ? undefined : setTimeout(() => void sayUnclaimed(), UNCLAIMED_MS);
  async function sayUnclaimed(): Promise<void> {
    const info = await site.store.info(id).catch(() => null);
    if (info?.status !== 'open' || info.epoch > 1) return;
    const text = ' no worker has taken it yet: does the site that is up have this workflow?';
    captions.push(door.paint('yellow', text));
    if (!door.terminal.draws) door.note(text.trim());
  }
  const ended = await unlessStopped(stopping, async () => {
    for (;;) {
      const events = site.watch(id, { signal: stopping.signal });
      const view = await showRun(door, id, events, { quiet: door.json, hint: 'Ctrl-C leaves it', captions });
      if (view.outcome !== 'continued' || view.next === undefined) return tellEnd(door, view);
      id = view.next;
    }
  });
  clearTimeout(unclaimed);
  if (ended) return;
  door.exitCode = EXITS.left;
  if (!works) {
    const isAlone = await isUnattended(site.store, id);
    return left(door, id, isAlone ? 'No worker is up: it goes on at the next `skein up`.' : 'It goes on at the site.');
  }
  const isOut = [...site.worker.hosts.values()].some((host) => (host.calls?.size ?? 0) > 0);
  if (isOut) door.note('waiting for the calls that are out (Ctrl-C again: not even that)');
  await site.stop({ graceMs });
  left(door, id, `Nobody works on it now. It goes on with: skein run ${shellWord(what)} --id ${shellWord(id)}`);
}

function tellEnd(door: Door, view: RunView): void {
  const { run, outcome, output, fault, spent } = view;
  if (outcome !== 'completed') door.exitCode = EXITS.no;
  door.tell({ run, outcome, output, fault, spent }, () => {
    const { paint, terminal } = door;
    if (fault !== undefined) {
      const next = nextOf(dataToFault(fault), { run });
      return [
        '',
        `${paint('red', fault.code)}: ${plain(fault.message)}`,
        `${paint('dim', 'next:')} ${next}`,
        follow(door, run, 'show'),
      ];
    }
    if (output === undefined) return [];
    return ['', ...valueLines(output, terminal.columns())];
  });
}

function left(door: Door, run: string, says: string): void {
  door.note(`left ${run}. ${says}`);
  door.note(`follow it: skein tail ${shellWord(run)}`);
}

function follow(door: Door, run: string, how = 'tail'): string {
  return door.paint('dim', `skein ${how} ${shellWord(run)}`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number of seconds above 0');
}
