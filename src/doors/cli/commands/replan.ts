/** `skein replan` */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parsePlan, planWorkflow } from '../../../author/index.ts';
import { errorText, Fault } from '../../../base/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { mustBeThere } from '../there.ts';
import { heardBy } from '../workers.ts';

type Given = SiteWords & ByWords;

export function registerReplan(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'replan',
    does: 'give a run of a workflow as data another plan: what is settled stays, parts not started change',
    examples: [['replan r_0mwp workflows/incident.yaml', 'the file is checked first; a refused plan changes nothing']],
  })
    .argument('<run>')
    .argument('<file>', 'the plan, YAML or JSON');
  withBy(made).action((run: string, file: string, given: Given) =>
    door.withAsker(given, async (site) => {
      await mustBeThere(site.store, run);
      const flow = planWorkflow(parsePlan(read(resolve(door.terminal.folder, file), file), { file }));
      await site.replan(run, flow, principalOf(given));
      const heard = await heardBy(site.store, run);
      door.tell({ run, plan: flow.name, heard }, () => `${run} goes on by the plan of ${file}; ${heard}`);
    }),
  );
}

function read(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new Fault('not-found', `${shown} cannot be read: ${errorText(thrown)}`, {
      detail: { next: 'Mend the path of the plan: it is seen from the working folder.' },
    });
  }
}
