/** The AG-UI door: a run told to a user interface over server-sent events, and begun or answered by it. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { Fault, hashText, type Json, toFault } from '../../base/index.ts';
import { hasRight, type Principal } from '../../model/index.ts';
import type { Site } from '../../site/site.ts';
import { type Guard, type GuardEnv, problemOf, problemResponse, sseResponse } from '../guard/index.ts';
import { type AgUiEvent, createTelling, readInterruptId } from './telling.ts';

export interface AgUiDoor {
  /** Mounted behind a guard: `app.route('/ag-ui', door.app)`. */
  readonly app: Hono<GuardEnv>;
  open(guard: Guard): void;
}

const READ_RUNS = 'run:read';
const START_RUNS = 'run:start';
/** A pause is one only when nothing more comes for so long: a question may be answered by a program at once. */
const QUIET_MS = 50;
const ID_CHARS = 26;

/** What an AG-UI client sends; what else it sends is passed over. */
const runInput = z.looseObject({
  threadId: z.string().min(1).max(256),
  runId: z.string().min(1).max(256),
  messages: z.array(z.looseObject({ role: z.string(), content: z.json().optional() })).default([]),
  forwardedProps: z.json().optional(),
  resume: z
    .array(
      z.looseObject({
        interruptId: z.string(),
        status: z.enum(['resolved', 'cancelled']),
        payload: z.json().optional(),
      }),
    )
    .optional(),
});
type RunInput = z.infer<typeof runInput>;

export function createAgUiDoor(site: Site): AgUiDoor {
  let guard: Guard | undefined;
  const app = new Hono<GuardEnv>();

  app.get('/runs/:run', (c) =>
    answered(c, async (by) => {
      const run = c.req.param('run');
      await checkSeen(run, by);
      const text = c.req.query('after');
      const after = text === undefined ? undefined : Number(text);
      if (after !== undefined && !Number.isSafeInteger(after))
        throw new Fault('input.invalid', `'after' is the number of an event`);
      return tell(c, by, { run, threadId: run, runId: run, after });
    }),
  );
  app.post('/:workflow', (c) =>
    answered(c, async (by) => {
      const parsed = runInput.safeParse(await c.req.json().catch(() => undefined));
      if (!parsed.success) throw new Fault('input.invalid', `this is no AG-UI input: ${z.prettifyError(parsed.error)}`);
      const { threadId, runId, resume = [] } = parsed.data;
      if (resume.length > 0) return tell(c, by, { ...(await answer(resume, by, runId)), threadId, runId });
      const run = await begin(c.req.param('workflow'), parsed.data, by);
      return tell(c, by, { run, threadId, runId });
    }),
  );

  async function checkSeen(run: string, by: Principal): Promise<void> {
    const { runs } = await site.runs({ prefix: run, limit: 8 });
    const row = runs.find((one) => one.run === run);
    if (row === undefined || (row.by !== by.id && !hasRight(by, READ_RUNS)))
      throw new Fault('not-found', `there is no run ${run}`);
  }

  /** The same thread and run ids begin one run, however often they are sent. */
  async function begin(workflow: string, input: RunInput, by: Principal): Promise<string> {
    if (!hasRight(by, START_RUNS) && !hasRight(by, `${START_RUNS}:${workflow}`))
      throw new Fault('rights.missing', `'${by.id}' lacks the right '${START_RUNS}:${workflow}'`);
    const { threadId, runId } = input;
    const id = `agui-${hashText(JSON.stringify([by.id, workflow, threadId, runId])).slice(0, ID_CHARS)}`;
    await site.start(workflow, inputOf(input), { id, by, door: { kind: 'ag-ui', thread: threadId } });
    return id;
  }

  async function answer(resume: NonNullable<RunInput['resume']>, by: Principal, runId: string) {
    const answered = new Set<string>();
    let run: string | undefined;
    let after: number | undefined;
    for (const { interruptId, status, payload } of resume) {
      const where = readInterruptId(interruptId);
      if (where === undefined || (run !== undefined && where.run !== run))
        throw new Fault('input.invalid', `'${interruptId}' is no interrupt of one run`);
      run = where.run;
      if (after === undefined) {
        await checkSeen(run, by);
        // What led to the question was told before it; what its answer brings about is not.
        after = (await site.state(run)).head - 1;
      }
      const id = `agui-${hashText(JSON.stringify([by.id, runId, interruptId])).slice(0, ID_CHARS)}`;
      if (status === 'cancelled') await site.deny(run, where.step, { id, by });
      else if (payload === undefined || payload === null || payload === true)
        await site.approve(run, where.step, { id, by });
      else await site.edit(run, where.step, payload, { id, by });
      answered.add(where.step);
    }
    return { run: run!, answered, after };
  }

  function tell(c: Context<GuardEnv>, by: Principal, options: Parameters<typeof createTelling>[0]): Promise<Response> {
    const closing = new AbortController();
    const release = guard?.openStream(by);
    return sseResponse<AgUiEvent>({
      events: events(options, AbortSignal.any([closing.signal, c.req.raw.signal])),
      toJson: (event) => event,
      broken: (thrown) => {
        const { code, detail } = problemOf(toFault(thrown, 'internal'));
        return { type: 'RUN_ERROR', message: detail, code };
      },
      close: () => {
        closing.abort();
        release?.();
      },
    });
  }

  async function* events(
    options: Parameters<typeof createTelling>[0],
    signal: AbortSignal,
  ): AsyncGenerator<AgUiEvent, void, undefined> {
    const telling = createTelling(options);
    yield* telling.begin();
    const lines = site.watch(options.run, { signal })[Symbol.asyncIterator]();
    try {
      let next = lines.next();
      while (!telling.isOver) {
        const line = await Promise.race([next, quiet()]);
        if (line === undefined) {
          yield* telling.pause();
          if (telling.isOver) return;
        }
        const { done, value } = await next;
        if (done === true) return;
        yield* telling.take(value);
        next = lines.next();
      }
    } finally {
      void lines.return?.();
    }
  }

  return { app, open: (given) => void (guard = given) };
}

async function answered(c: Context<GuardEnv>, work: (by: Principal) => Promise<Response>): Promise<Response> {
  try {
    return await work(c.get('principal'));
  } catch (thrown) {
    return problemResponse(toFault(thrown, 'internal'));
  }
}

function quiet(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), QUIET_MS));
}

/** `forwardedProps.input`, else what the user said last. */
function inputOf({ forwardedProps, messages }: RunInput): Json {
  if (typeof forwardedProps === 'object' && forwardedProps !== null && !Array.isArray(forwardedProps)) {
    const { input } = forwardedProps;
    if (input !== undefined) return input;
  }
  return messages.findLast((message) => message.role === 'user')?.content ?? null;
}
