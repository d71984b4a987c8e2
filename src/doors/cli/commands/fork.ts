/** `skein fork` */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { shellWord } from '../../../base/index.ts';
import { openConfigured } from '../../../site/config/index.ts';
import type { ForkOptions } from '../../../site/fork.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { readGivenJson } from '../given-json.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { mustBeThere, mustHaveSteps } from '../there.ts';
import { stayingWorkers, workerName } from '../workers.ts';
import { wholeNumber } from './tail.ts';

interface Given extends SiteWords, ByWords {
  at?: number;
  before?: string;
  redo?: string[];
  input?: string;
  agent?: Record<string, string>;
  allowEffects?: boolean;
  drift?: ForkOptions['drift'];
  id?: string;
  goal?: string;
}

export function registerFork(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'fork <run>',
    does: 'a new run that begins with what this one had settled; effects are blocked in it unless allowed',
    examples: [
      ['fork r_0mwp --redo judge --agent judge=ada', 'the same up to the end, one step anew, by another agent'],
      ['fork r_0mwp --before publish', 'as it was before this step was asked'],
    ],
  })
    .option('--at <seq>', 'as it was before this event', wholeNumber)
    .option('--before <step>', 'as it was before this step was asked')
    .option('--redo <step...>', 'work these again, with all inside them')
    .option('--input <json>', 'another input: JSON, @file, or -')
    .option('--agent <skill=agent...>', 'whom to ask for a skill', pair)
    .option('--allow-effects', 'let effects happen in it')
    .addOption(new Option('--drift <how>', 'kept steps whose input changed').choices(['ask', 'keep', 'redo']))
    .option('--id <run>', 'the id of the new run')
    .option('--goal <text>', 'what it is for, in words');
  withBy(made).action((run: string, given: Given) =>
    door.withStore(given, async (store, settings) => {
      await mustBeThere(store, run);
      await mustHaveSteps(store, run, ...(given.redo ?? []), ...(given.before === undefined ? [] : [given.before]));
      const worker = workerName('door');
      const site = await openConfigured(settings, { store, worker, works: false, keepFacts: false });
      try {
        const { at, before, redo, agent, allowEffects, drift, id, goal } = given;
        const input = given.input === undefined ? undefined : readGivenJson(given.input, door.terminal, '--input');
        const by = principalOf(given);
        const options: ForkOptions = {
          at,
          beforeStep: before,
          redo,
          input,
          agents: agent,
          allowEffects,
          drift,
          id,
          goal,
          by,
        };
        const fork = (await site.fork(run, options)).run;
        const { workflow } = await site.state(fork);
        const isUp = stayingWorkers(await store.workers()).length > 0;
        const next = isUp
          ? `skein tail ${shellWord(fork)}`
          : `skein run ${shellWord(workflow)} --id ${shellWord(fork)}`;
        const heard = isUp ? 'the site is up and takes it' : 'no worker is up: it begins at the next `skein up`';
        door.tell({ run: fork, forkOf: run, up: isUp, next }, () => [`${fork} is forked from ${run}; ${heard}`, next]);
      } finally {
        await site.stop({ graceMs: 0 });
      }
    }),
  );
}

function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [skill, agent] = text.split('=');
  if (!skill || !agent) throw new InvalidArgumentError('skill=agent');
  return { ...before, [skill]: agent };
}
