/** The workflows that a simulated site knows. */
import { type AnyWorkflow, type Run, workflow } from '../../../author/index.ts';
import { digest } from '../skills.ts';
import { type Part, work } from './part.ts';
import { type Ear, watched } from './watched.ts';

export { changePlan, type Changed, changes, formerName } from './change-plan.ts';
export { generatePart, type GenerateOptions } from './generate.ts';
export { generatePlan, type GeneratePlanOptions, planFrom, signalsOfPlan } from './generate-plan.ts';
export { simFunctions } from './functions.ts';
export { type Part, signalsOf } from './part.ts';
export { type Ear, watched } from './watched.ts';

export interface GenInput {
  part: Part;
  carry: string;
  /** How often the run goes on as a new one. */
  more: number;
}

/** Versions of the code there may be at one time. */
export const VERSIONS = ['1', '2'] as const;

/** `began` is told of every incarnation of code, and gives the ear for what it asks and what reaches it. */
export function simFlows(
  versions: readonly string[],
  began: (run: string) => Ear,
  wrap: (run: Run) => Run = (run) => run,
): AnyWorkflow[] {
  return versions.map((version) =>
    workflow<GenInput, unknown>('gen', { version }, async (plain, { part, carry, more }) => {
      const run = wrap(watched(plain, began(plain.id)));
      const output = digest(await work(run, part, carry));
      if (more > 0) run.continueAsNew({ part, carry: output, more: more - 1 });
      return output;
    }),
  );
}
