/** Tools that look at runs. */
import { z } from 'zod';
import { isReadable, readableState } from '../access.ts';
import { followRun, tellEvent } from '../follow.ts';
import { createProgress, type DoorTool } from '../tool.ts';
import { eventView } from '../view.ts';
import { view, waitForRun, waitMs } from './wait.ts';

const MAX_EVENTS = 500;
const MAX_RUNS = 200;

const run = z.string().min(1).max(500).describe('The id of a run.');
const looking = { readOnlyHint: true, openWorldHint: false };

export const getTool: DoorTool<{ run: string }> = {
  name: 'get_run',
  title: 'A run as it is now',
  description:
    'Whether a run goes on or how it ended, its output, what it spent, and what it waits for a person to say.',
  input: z.strictObject({ run }),
  annotations: looking,
  async work(given, _context, surface) {
    await readableState(surface.site, surface.by, given.run);
    return view(given.run, surface);
  },
};

const watchInput = z.strictObject({
  run,
  waitMs,
  events: z
    .strictObject({
      after: z.int().min(-1).default(-1).describe('Only events after this seq.'),
      limit: z.int().min(1).max(MAX_EVENTS).default(100),
    })
    .optional()
    .describe('Give back events of the journal instead of waiting for the end.'),
});

export const watchTool: DoorTool<z.infer<typeof watchInput>> = {
  name: 'watch_run',
  title: 'Watch a run',
  description:
    'Waits for a run to end or to need a person, with progress on the way. With `events`: what its journal says after ' +
    'a seq; waits for the first if there is none yet; call again with the `next` given back.',
  input: watchInput,
  annotations: looking,
  async work(given, context, surface) {
    await readableState(surface.site, surface.by, given.run);
    if (given.events === undefined) return waitForRun(given.run, given.waitMs, context, surface);
    const { after, limit } = given.events;
    const events: Record<string, unknown>[] = [];
    let last = after;
    const progress = createProgress(context);
    await followRun(surface.site, given.run, {
      after,
      waitMs: given.waitMs,
      signal: context.mcpReq.signal,
      isEnough: () => events.length > 0,
      async onEvent(one) {
        if (events.length >= limit) return;
        events.push(eventView(one, given.run));
        last = one.seq;
        await progress(tellEvent(one));
      },
    });
    return { events, next: last, ...(await view(given.run, surface)) };
  },
};

const listInput = z.strictObject({
  status: z.enum(['open', 'ended']).optional(),
  workflow: z.string().max(200).optional(),
  after: z.string().max(500).optional().describe('`next` of the page before.'),
  limit: z.int().min(1).max(MAX_RUNS).default(50),
});

export const listTool: DoorTool<z.infer<typeof listInput>> = {
  name: 'list_runs',
  title: 'Runs',
  description: 'The runs that you may see, newest first.',
  input: listInput,
  annotations: looking,
  async work(given, _context, { site, by }) {
    const page = await site.runs(given);
    return { runs: page.runs.filter((row) => isReadable(by, row)), next: page.next };
  },
};
