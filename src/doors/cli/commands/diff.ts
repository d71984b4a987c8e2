/** `skein diff` */
import type { Command } from 'commander';
import { describeDiff, diffRuns } from '../../../site/diff.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { fit, plain } from '../paint.ts';
import { mustBeThere } from '../there.ts';

export function registerDiff(program: Command, door: Door): void {
  addCommand(program, {
    name: 'diff <a> <b>',
    does: 'where two runs part: step by step, and the first event that differs',
    examples: [['diff r_0mwp r_0mwq', 'a run and its fork']],
    exits: { [EXITS.no]: 'they differ' },
  }).action((a: string, b: string, given: SiteWords) =>
    door.withStore(given, async (store) => {
      await mustBeThere(store, a);
      await mustBeThere(store, b);
      const diff = await diffRuns(store, a, b);
      const width = door.terminal.columns();
      door.tell(diff, () =>
        describeDiff(diff)
          .split('\n')
          .map((line) => fit(line.replace(/^ */, '') === line ? plain(line) : `  ${plain(line.trimStart())}`, width)),
      );
      if (!diff.equal) door.exitCode = EXITS.no;
    }),
  );
}
