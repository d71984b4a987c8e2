/** `skein cancel` */
import type { Command } from 'commander';
import { Fault, shellWord } from '../../../base/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { mustBeThere } from '../there.ts';
import { heardBy } from '../workers.ts';

interface Given extends SiteWords, ByWords {
  reason: string;
}

export function registerCancel(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'cancel <run>',
    does: 'cancel a run: open steps are given up, settled effects with an undo are undone',
    examples: [['cancel r_0mwp --reason "wrong input"', 'also while no site is up: it is heard at the next start']],
  }).option('--reason <text>', 'why: kept in the journal', 'asked for at the command line');
  withBy(made).action((run: string, given: Given) =>
    door.withAsker(given, async (site) => {
      const info = await mustBeThere(site.store, run);
      if (info.status === 'ended')
        throw new Fault('conflict', `run ${run} has ended`, {
          detail: { run, next: `See what it came to: skein show ${shellWord(run)}` },
        });
      await site.cancel(run, given.reason, principalOf(given));
      const heard = await heardBy(site.store, run);
      door.tell({ run, cancelling: true, heard }, () => `${run} is to be cancelled; ${heard}`);
    }),
  );
}
