/**
 * Mastra: a workflow of `then` and `parallel`, one run object a run. With libsql every step's
 * snapshot is persisted (its default). Variants: none | libsql.
 */
import { join } from 'node:path';
import { stepIds } from '../workloads.ts';
import { measurePeer } from './peer.ts';

interface Answer {
  value: number;
}
interface Workflow {
  then(step: unknown): Workflow;
  parallel(steps: unknown[]): Workflow;
  commit(): Workflow;
  createRun(options: { runId: string }): Promise<{
    start(options: { inputData: Answer }): Promise<{ status: string; result?: Answer; error?: unknown }>;
  }>;
}
interface Workflows {
  createStep(options: object): unknown;
  createWorkflow(options: object): Workflow;
}
interface Core {
  Mastra: new (options: object) => { getWorkflow(id: string): Workflow };
}
interface Storage {
  init(): Promise<void>;
}

/** What a step is given: the answer before, or after `parallel` all of them under their ids. */
const largest = (input: Answer | Record<string, Answer>): number =>
  typeof input['value'] === 'number'
    ? input['value']
    : Math.max(...Object.values(input as Record<string, Answer>).map((answer) => answer.value));

await measurePeer('@mastra/core', async ({ variant, dir, load }) => {
  const { createStep, createWorkflow } = await load<Workflows>('@mastra/core/workflows');
  const { Mastra } = await load<Core>('@mastra/core');
  const { z } = await load<typeof import('zod')>('zod');
  const persisted = variant === 'libsql';

  let storage: Storage | undefined;
  if (persisted) {
    const { LibSQLStore } = await load<{ LibSQLStore: new (options: object) => Storage }>('@mastra/libsql');
    storage = new LibSQLStore({ id: 'bench', url: `file:${join(dir, 'mastra.sqlite')}` });
    await storage.init();
  }

  const value = z.object({ value: z.number() });
  let made = 0;
  return {
    name: persisted ? 'Mastra, libsql' : 'Mastra, not persisted',
    kept: persisted ? 'written, synced later' : 'nothing',
    prepare(workload, work) {
      const levels = stepIds(workload);
      const joined = (before: string[] | undefined) =>
        before && before.length > 1 ? z.object(Object.fromEntries(before.map((id) => [id, value]))) : value;
      const id = `${workload.name}-${(made += 1)}`;
      let workflow = createWorkflow({ id, inputSchema: value, outputSchema: value });
      for (const [index, level] of levels.entries()) {
        const inputSchema = joined(levels[index - 1]);
        const steps = level.map((step) =>
          createStep({
            id: step,
            inputSchema,
            outputSchema: value,
            execute: async ({ inputData }: { inputData: Answer | Record<string, Answer> }) => ({
              value: await work(largest(inputData)),
            }),
          }),
        );
        workflow = steps.length === 1 ? workflow.then(steps[0]) : workflow.parallel(steps);
      }
      const committed = workflow.commit();
      const mastra = persisted ? new Mastra({ workflows: { [id]: committed }, storage, logger: false }) : undefined;
      const started = mastra ? mastra.getWorkflow(id) : committed;
      return async (runId) => {
        const run = await started.createRun({ runId });
        const { status, result, error } = await run.start({ inputData: { value: 0 } });
        if (status !== 'success') throw new Error(`Mastra run is ${status}: ${String(error)}`);
        return result!.value;
      };
    },
    close() {},
  };
});
