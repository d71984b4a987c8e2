/** `skein drift` */
import { Argument, type Command } from 'commander';
import { Fault } from '../../../base/index.ts';
import { openDrifts } from '../../../site/gates.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { mustBeThere, mustHaveSteps } from '../there.ts';
import { heardBy } from '../workers.ts';

type Choice = 'keep' | 'redo' | 'fork';

interface Given extends SiteWords, ByWords {
  allowEffects?: boolean;
}

export function registerDrift(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'drift',
    does: 'decide on a step whose input has changed since',
    examples: [['drift r_0mwp topics/geese/summarize redo', 'work it again with the input that it has now']],
  })
    .argument('<run>')
    .argument('<step>')
    .addArgument(
      new Argument('<choice>', 'the old result, work it anew, or a new run').choices(['keep', 'redo', 'fork']),
    )
    .option('--allow-effects', 'with fork: effects may happen in it');
  withBy(made).action((run: string, step: string, choice: Choice, given: Given) =>
    door.withAsker(given, async (site) => {
      await mustBeThere(site.store, run);
      const drifted = openDrifts(await site.state(run)).map((one) => one.step);
      if (!drifted.includes(step)) {
        await mustHaveSteps(site.store, run, step);
        const said = drifted.length === 0 ? 'no step' : `only ${drifted.join(', ')}`;
        throw new Fault('conflict', `'${step}' of run ${run} has not drifted; ${said} waits for a decision`, {
          detail: { run },
        });
      }
      await site.resolveDrift(run, step, choice, principalOf(given), { allowEffects: given.allowEffects });
      const heard = await heardBy(site.store, run);
      door.tell({ run, step, choice, heard }, () => `${run} '${step}': ${choice}; ${heard}`);
    }),
  );
}
