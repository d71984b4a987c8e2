/** `skein trust` and `skein outcome`: who is believed at what, and the words that it stands on. */
import type { Command } from 'commander';
import { Fault, shellWord } from '../../../base/index.ts';
import type { Checked } from '../../../model/index.ts';
import { outcomeRow } from '../../../site/trust/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { plain, table } from '../paint.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { mustBeThere, mustHaveSteps } from '../there.ts';

interface TrustGiven extends SiteWords {
  skill?: string;
}

export function registerTrust(program: Command, door: Door): void {
  addCommand(program, {
    name: 'trust',
    brief: 'who is believed at what',
    does: 'who is believed at what, how sure that is, and what it stands on',
    examples: [['trust --skill summarize', 'at this one thing']],
  })
    .option('--skill <name>', 'only at this skill')
    .action((given: TrustGiven) =>
      door.withAsker(given, async (site) => {
        await site.trust.refresh();
        const skills = site.trust.skills().filter((skill) => given.skill === undefined || skill === given.skill);
        const believed = skills.flatMap((skill) =>
          [...site.trust.figures(skill)].map(([agent, figures]) =>
            Object.assign({ skill, agent, by: sourcesOf(site.trust.outcomes(skill), agent) }, figures),
          ),
        );
        door.tell({ trust: believed }, () => {
          if (believed.length === 0)
            return 'nothing was checked yet: `skein outcome RUN STEP right` says what was right';
          const head = ['SKILL', 'AGENT', 'RIGHT', 'AT LEAST', 'CHECKED', 'WEIGHT', 'BY', ''].map((t) =>
            door.paint('dim', t),
          );
          const rows = believed
            .toSorted((a, b) => (a.skill === b.skill ? b.low - a.low : a.skill < b.skill ? -1 : 1))
            .map((one) => [
              plain(one.skill),
              plain(one.agent),
              one.p.toFixed(2),
              one.low.toFixed(2),
              one.n.toFixed(1),
              one.weight === undefined ? '' : one.weight.toFixed(2),
              Object.entries(one.by)
                .map(([source, n]) => `${n} ${source}`)
                .join(', '),
              [one.suspended ? 'suspended' : '', one.cluster === undefined ? '' : `errs like ${plain(one.cluster)}`]
                .filter((text) => text !== '')
                .join(', '),
            ]);
          return table([head, ...rows], door.terminal.columns());
        });
      }),
    );
}

/** What the figures of one agent stand on: outcomes kept, by how it became known what was right. */
function sourcesOf(outcomes: readonly Checked[], agent: string): Partial<Record<Checked['source'], number>> {
  const by: Partial<Record<Checked['source'], number>> = {};
  for (const { said, source } of outcomes) if ((said[agent] ?? -1) >= 0) by[source] = (by[source] ?? 0) + 1;
  return by;
}

interface OutcomeGiven extends SiteWords, ByWords {}

export function registerOutcome(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'outcome <run> <step> <word>',
    does: 'say that a settled answer turned out `right` or `wrong`; trust learns from it',
    examples: [['outcome r_0mwp classify wrong', 'those who gave that answer are believed less']],
  });
  withBy(made).action((run: string, step: string, word: string, given: OutcomeGiven) =>
    door.withAsker(given, async (site) => {
      if (word !== 'right' && word !== 'wrong')
        throw new Fault('input.invalid', `an outcome is right or wrong, not '${word}'`, {
          detail: { next: `skein outcome ${shellWord(run)} ${shellWord(step)} right (or wrong)` },
        });
      await mustBeThere(site.store, run);
      await mustHaveSteps(site.store, run, step);
      const { id, row } = await outcomeRow(site.store, run, step, word === 'right');
      const fresh = await site.trust.note(id, row, principalOf(given));
      const agents = Object.keys(row.said);
      door.tell({ run, step, outcome: word, skill: row.skill, agents, fresh }, () =>
        fresh
          ? `'${step}' of ${run} was ${word}: ${agents.join(', ')} at '${row.skill}'`
          : `the outcome of '${step}' of ${run} was said before; the first word stands`,
      );
    }),
  );
}
