/**
 * The workloads, as plain descriptions that every engine can run.
 *
 * A workload is a list of levels, each as wide as its number says. Every step of a level takes the
 * answers of all steps of the level before (the largest of them) and answers one more. So the last
 * answer of a run equals the number of levels, and a run that answers anything else did not do it.
 */
export interface Workload {
  name: 'sequential' | 'graph';
  levels: readonly number[];
}

/** Ten steps, each waiting for the one before. */
export const SEQUENTIAL: Workload = { name: 'sequential', levels: Array<number>(10).fill(1) };

/**
 * "12-graph": twelve steps. One step fans out to three levels (3, 4 and 3 wide, each level joined
 * whole before the next begins), which fan in to one. Five levels deep, 30 edges.
 */
export const GRAPH: Workload = { name: 'graph', levels: [1, 3, 4, 3, 1] };

export const WORKLOADS: readonly Workload[] = [SEQUENTIAL, GRAPH];

/** Runs at once in the workloads whose steps sleep, and how long each step sleeps. */
export const SLEEPING_RUNS = 1_000;
export const SLEEP_MS = 50;

export const stepCount = (workload: Workload): number => workload.levels.reduce((sum, width) => sum + width, 0);

/** What a run takes when nothing but the sleeping takes time: 500 ms and 250 ms. */
export const idealMs = (workload: Workload): number => workload.levels.length * SLEEP_MS;

/** What a step does. The harness hands it in, counts its calls, and so sees every step done. */
export type Work = (input: number) => number | Promise<number>;

export const noop: Work = (input) => input + 1;

export const sleep: Work = (input) => new Promise((resolve) => setTimeout(resolve, SLEEP_MS, input + 1));

/** The steps of a workload, level by level, with the id each has in every engine. */
export const stepIds = (workload: Workload): string[][] =>
  workload.levels.map((width, level) => Array.from({ length: width }, (_, index) => `s${level}_${index}`));

/** Works a run level by level; `step` does one step in the engine's way and keeps its answer. */
export async function runByLevels(
  ids: readonly string[][],
  step: (id: string, input: number) => Promise<number>,
): Promise<number> {
  let input = 0;
  for (const level of ids) {
    if (level.length === 1) input = await step(level[0]!, input);
    else input = Math.max(...(await Promise.all(level.map((id) => step(id, input)))));
  }
  return input;
}
