/** `skein faults` */
import type { Command } from 'commander';
import { WHOLE_RUN } from '../../../model/index.ts';
import { type FaultStory, readEvents, storyOf } from '../../../site/faults/index.ts';
import { type CascadesFound, cascadesIn, roundOf } from '../../../site/health/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { counted, plain, span } from '../paint.ts';
import { mustBeThere } from '../there.ts';

export function registerFaults(program: Command, door: Door): void {
  addCommand(program, {
    name: 'faults [run]',
    brief: 'what failed in a run, and what became of it',
    does: 'what failed in a run, and how it was healed or where it was escalated to; without a run: failures of the site that kept themselves going, from its last journals',
    examples: [
      ['faults r_0mw...', 'each failing step: who was tried, what healed it, or the cut set'],
      ['faults r_0mw... --json', 'the same, for a script'],
      ['faults', 'circles such as a fails b fails a, also of a site that is down'],
    ],
    exits: { 1: 'a failure of a run that is over is neither healed nor escalated' },
  }).action((run: string | undefined, given: SiteWords) =>
    door.withStore(given, async (store) => {
      if (run === undefined) {
        const found = await cascadesIn(store);
        return door.tell({ ...found }, () => circleWords(found, door));
      }
      await mustBeThere(store, run);
      const stories = storyOf(await readEvents(store, run));
      if (stories.some((story) => story.end === 'silent')) door.exitCode = 1;
      door.tell({ run, faults: stories }, () =>
        stories.length === 0 ? 'nothing failed' : stories.flatMap((s) => wordsOf(s, door)),
      );
    }),
  );
}

function circleWords({ cascades, records, broken }: CascadesFound, door: Door): string[] {
  const unread = broken === 0 ? '' : `; ${broken} could not be read: see skein verify`;
  const looked = `looked at the last ${counted(records, 'record')}${unread}`;
  if (cascades.length === 0) return [`no failures that keep themselves going; ${looked}`];
  return [
    ...cascades.flatMap((story) => [
      `${plain(story.skill)}  ${door.paint('red', plain(roundOf(story)))}`,
      `    ${counted(story.times, 'time')}, last ${new Date(story.lastMs).toISOString()}`,
      ...story.runs.map((run) => `    in ${plain(run)}`),
    ]),
    looked,
  ];
}

function wordsOf(story: FaultStory, door: Door): string[] {
  const { step, end, by, tookMs, tries, to, cut = [], fault } = story;
  const colour = { healed: 'green', escalated: 'red', open: 'cyan', silent: 'red' } as const;
  const how =
    end === 'healed'
      ? `by ${by} after ${span(tookMs ?? 0)}`
      : end === 'escalated'
        ? `to ${to}: ${fault?.message ?? ''}`
        : '';
  return [
    `${step === WHOLE_RUN ? 'the run itself' : plain(step)}  ${door.paint(colour[end], end)} ${plain(how)}`,
    ...tries.map((one) => `    tried ${plain(one.agent)}: ${one.fault.code}, ${plain(one.fault.message)}`),
    ...cut.map(
      (one) =>
        `    ${step === WHOLE_RUN ? 'under way:' : 'shut'}${one.agent === '' ? '' : ` ${plain(one.agent)}`}${one.step === undefined ? '' : ` at ${plain(one.step)}`}: ${plain(one.why)}`,
    ),
  ];
}
