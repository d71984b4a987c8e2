/** Tools that start runs: one for every workflow by its name, and one for each workflow with its own input. */
import type { ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Fault, type Json } from '../../../base/index.ts';
import type { AnyWorkflow } from '../../../author/index.ts';
import type { Principal } from '../../../model/index.ts';
import { checkKey, checkSame, ownKey, runOfKey } from '../../guard/index.ts';
import { mayStart, needRight, readableState, START_RUNS } from '../access.ts';
import type { CallState, DoorTool, Surface } from '../tool.ts';
import { traceparentOf } from '../tool.ts';
import { waitForRun, waitMs } from './wait.ts';

const how = {
  goal: z.string().max(10_000).optional().describe('What the run is for, in words.'),
  id: z
    .string()
    .regex(/^[\w.~-]{1,100}$/)
    .optional()
    .describe('An id of your choice: said twice, it starts one run.'),
  waitMs,
  onCancel: z
    .enum(['keep', 'cancel'])
    .default('keep')
    .describe('Whether the run ends when this call is cancelled. A run outlives its callers unless you say cancel.'),
};

const amounts = z
  .strictObject({
    money: z.number().nonnegative(),
    tokens: z.number().nonnegative(),
    calls: z.number().nonnegative(),
    timeMs: z.number().nonnegative(),
  })
  .partial();

const input = z.strictObject({
  workflow: z.string().max(200).describe('Its name, or name@version.'),
  input: z.json().optional(),
  ...how,
  budget: amounts.optional().describe('The most that the run may spend.'),
  deadlineMs: z.int().positive().optional().describe('When it must have ended, ms since 1970.'),
  prefer: z.enum(['balanced', 'quality', 'cost', 'speed']).optional().describe('What counts when agents are chosen.'),
});

type StartInput = z.infer<typeof input>;

export const startTool: DoorTool<StartInput> = {
  name: 'run_workflow',
  title: 'Run a workflow',
  description:
    'Starts a run of a workflow of this site and waits for its end. A run is durable: if it has not ended in time, ' +
    'its id is given back and watch_run goes on waiting. `waitsFor` names what a person must answer.',
  input,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async work(given, context, surface) {
    const name = given.workflow.split('@')[0]!;
    needRight(surface.by, START_RUNS, mayStart(surface.by, name));
    const { workflow, budget, deadlineMs, prefer } = given;
    return startAndWait(given, context, surface, async (keyed) => {
      const { goal, id = keyed } = given;
      const traceparent = traceparentOf(context);
      const handle = await surface.site.start(workflow, given.input, {
        by: surface.by,
        goal,
        id,
        budget,
        deadlineMs,
        prefer,
        traceparent,
      });
      if (id !== undefined && id === keyed) await mustBeSame(id, workflow, given.input, surface);
      return handle.run;
    });
  },
};

type Starting = Pick<StartInput, 'waitMs' | 'onCancel' | 'id'>;

async function startAndWait(
  given: Starting,
  context: ServerContext,
  surface: Surface,
  start: (keyed: string | undefined) => Promise<string>,
): Promise<unknown> {
  const { site, by } = surface;
  const round = context.mcpReq.requestState<CallState>();
  if (round === undefined && given.id !== undefined) await mustBeOwn(given.id, surface);
  // A later round of one call: its run is under way.
  const run = round?.run ?? (await start(runForKey(context, by)));
  const { signal } = context.mcpReq;
  const cancel = (): void => void site.cancel(run, 'the call was cancelled', by).catch(surface.onTrouble);
  if (given.onCancel === 'cancel') signal.addEventListener('abort', cancel, { once: true });
  try {
    return await waitForRun(run, given.waitMs, context, surface);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** A tool's arguments are the workflow's own, so the key is beside them, where clients of ours put a step's. */
const KEY = '_meta["dev.skein/key"]';

/** As that of the HTTP door: there, too, the key means this run. */
function runForKey({ mcpReq }: ServerContext, by: Principal): string | undefined {
  const key = checkKey(mcpReq._meta?.['dev.skein/key'], KEY);
  return key === undefined ? undefined : runOfKey(ownKey('startRun', by, key));
}

async function mustBeSame(run: string, workflow: string, input: unknown, { site }: Surface): Promise<void> {
  checkSame(await site.state(run), site, workflow, input, KEY);
}

/** Somebody else's id must not give away that it is there, nor what came of it. */
async function mustBeOwn(id: string, { site, by }: Surface): Promise<void> {
  if ((await site.store.info(id)) === null) return;
  await readableState(site, by, id).catch(() => {
    throw new Fault('conflict', `the id '${id}' is taken`);
  });
}

/** A workflow as a tool of its own: its input is the tool's, so that a model sees what it takes. */
export function workflowTool(flow: AnyWorkflow, schema: z.ZodType | undefined): DoorTool<Record<string, unknown>> {
  return {
    name: toolNameOf(flow),
    title: flow.name,
    description: `${flow.plan?.goal ?? `Runs the workflow '${flow.name}'`} (a durable run; see run_workflow).`,
    input: (schema ?? z.strictObject({ input: z.json().optional() })) as z.ZodType<Record<string, unknown>>,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    async work(given, context, surface) {
      needRight(surface.by, START_RUNS, mayStart(surface.by, flow.name));
      const data = (schema === undefined ? given['input'] : given) as Json;
      const plain: Starting = { waitMs: waitMs.parse(undefined), onCancel: 'keep' };
      return startAndWait(plain, context, surface, async (id) => {
        const { site, by } = surface;
        const { run } = await site.start(flow, data, { id, by, traceparent: traceparentOf(context) });
        if (id !== undefined) await mustBeSame(id, flow.name, data, surface);
        return run;
      });
    },
  };
}

/** Hosts allow letters, digits, _ and -, 64 at most. */
export function toolNameOf(flow: AnyWorkflow): string {
  return `run_${flow.name.replaceAll(/[^\w-]/g, '_')}`.slice(0, 64);
}
