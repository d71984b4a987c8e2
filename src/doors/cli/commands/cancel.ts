/** `skein cancel` */
import type { Command } from 'commander';
import { Fault, shellWord } from '../../../base/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { carriedBy, lastOfChain } from '../there.ts';
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
      const { stream: to, status } = await lastOfChain(site.store, run);
      if (status === 'ended')
        throw new Fault('conflict', `run ${to} has ended`, {
          detail: { run: to, next: `See what it came to: skein show ${shellWord(to)}` },
        });
      await site.cancel(to, given.reason, principalOf(given));
      const heard = await heardBy(site.store, to);
      door.tell({ run, to, cancelling: true, heard }, () => `${carriedBy(run, to)} is to be cancelled; ${heard}`);
    }),
  );
}
