/**
 * Code that is edited while its runs are in flight: the kinds of `lab/edits`, each with the outcome a user
 * would want. A process has the program from before the edit or the one from after it, never both.
 */
import { type Json, type SeededChance } from '../../base/index.ts';
import { type AnyWorkflow, type Run, workflow } from '../../author/index.ts';
import { edits } from '../edits/index.ts';
import { createWorld, type Edit, type World as EditWorld } from '../trial/index.ts';
import type { Job } from './people.ts';

/** Before the edit, and after it. */
export type Program = 1 | 2;

/** Runs whose code changes in flight. */
export function drawEdited(chance: SeededChance, steady: boolean): Job[] {
  return Array.from({ length: 1 + chance.int(3) }, (_, i): Job => {
    const run = `e${i + 1}`;
    const edit = chance.pick(edits);
    const input = null;
    return { run, flow: `edited-${run}`, edit, input, signals: [], atMs: chance.int(150), steady };
  });
}

/** What a program has of these jobs, and of the children they begin. */
export function editedFlows(
  jobs: readonly Job[],
  program: Program,
  world: EditWorld,
  watch: (run: Run) => Run,
): AnyWorkflow[] {
  const flows = new Map<string, AnyWorkflow>();
  for (const { edit, flow } of jobs) {
    if (edit === undefined) continue;
    const code = program === 1 ? edit.v1 : edit.v2;
    flows.set(
      flow,
      workflow(flow, edit.options ?? {}, (run) => code(watch(run), world)),
    );
    for (const other of edit.workflows ?? []) flows.set(other.name, other);
  }
  return [...flows.values()];
}

/** What the code of one process may set (who is busy), and what its sinks keep to themselves. */
export function editWorld(jobs: readonly Job[], program: Program): EditWorld {
  const world = createWorld([]);
  // Where the old code waits it is found by the edit, as a rule.
  if (program === 1) for (const skill of ['hold', 'late']) world.held.add(skill);
  if (program === 1) for (const { edit } of jobs) for (const skill of edit?.silent ?? []) world.silent.add(skill);
  return world;
}

/** As agents of the edits answer, and as their calls are named. */
export function textOf(skill: string, input: Json | undefined): string {
  return `${skill}(${input === undefined ? '' : JSON.stringify(input)})`;
}

/** The outcomes that are right once the edit has reached a run. */
export function outputsOf({ output, orOutputs, later }: Edit): Json[] | undefined {
  return output === undefined ? undefined : [output, ...(orOutputs ?? []), ...(later ?? [])];
}
