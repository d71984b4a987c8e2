/** What callers say: bodies and queries, as they are checked. */
import { z } from 'zod';
import { amounts, anyJson, id, idList, ms, text } from './nouns.ts';

/** A page of anything: enough for a screen by default, bounded for the site. */
const PAGE = 50;
const MAX_PAGE = 1_000;
/** A caller that waits longer asks again: no proxy cuts it off before. */
export const MAX_WAIT_MS = 30_000;

const flag = z.enum(['true', 'false']).transform((word) => word === 'true');
const no = z
  .enum(['true', 'false'])
  .default('false')
  .transform((word) => word === 'true');
/** In a query everything is text. */
const number = z.coerce.number<number | string>();
const count = number.pipe(z.int().nonnegative());
const limit = number.pipe(z.int().min(1).max(MAX_PAGE)).default(PAGE);

export const runParams = z.strictObject({ run: id });

const weight = z.number().nonnegative().optional();
const prefer = z
  .union([
    z.enum(['balanced', 'quality', 'cost', 'speed']),
    z.strictObject({ quality: weight, cost: weight, speed: weight }),
  ])
  .describe('What counts when agents are chosen, where a step says nothing: a word, or weights.');

export const start = z
  .strictObject({
    workflow: id.describe('Its name, or `name@version`.'),
    input: anyJson.optional(),
    goal: text.optional(),
    budget: amounts.optional(),
    deadlineMs: ms.optional().describe('When it must be done, ms since 1970.'),
    labels: idList.optional(),
    prefer: prefer.optional(),
    blockEffects: z.boolean().optional().describe('No effect may happen in it.'),
    priority: z
      .enum(['low', 'normal', 'high'])
      .optional()
      .describe('Who is turned away first when the site is full; `high` needs the right `run:high`.'),
  })
  .meta({ id: 'Start' });

export const listQuery = z.strictObject({
  status: z.enum(['open', 'ended']).optional(),
  workflow: id.optional(),
  prefix: id.optional().describe('Only runs whose id starts so.'),
  limit,
  cursor: id.optional().describe('`next` of the page before.'),
});

export const outputQuery = z.strictObject({
  waitMs: number
    .pipe(z.int().min(0).max(MAX_WAIT_MS))
    .default(0)
    .describe('Wait so long for the end before answering 202.'),
});

export const stepsQuery = z.strictObject({
  step: id.optional().describe('Only this one, and what is inside it.'),
  open: flag.optional().describe('Only those that are not settled (`true`), or that are (`false`).'),
  limit,
  cursor: id.optional().describe('`next` of the page before.'),
});

export const journalQuery = z.strictObject({
  after: count.optional().describe('Only events after this seq.'),
  limit,
});

export const eventsQuery = z.strictObject({
  after: count.optional().describe('As `Last-Event-ID`, which wins: only events after this seq.'),
  pieces: no.describe('Also `event: piece`: parts of answers while agents make them. They are not journaled.'),
});

export const siteEventsQuery = z.strictObject({
  after: z
    .string()
    .max(60)
    .optional()
    .describe('As `Last-Event-ID`, which wins: only events after the one with this id; `start` = all there are.'),
  workflow: id.optional().describe('Only runs of this workflow.'),
});

export const gateWord = z
  .strictObject({
    step: id,
    choice: z.enum(['approve', 'edit', 'deny']),
    value: anyJson.optional().describe('With `edit`: what it becomes. On an unknown effect: what the sink answered.'),
    reason: text.optional(),
    attempt: z
      .int()
      .nonnegative()
      .nullable()
      .optional()
      .describe('On an unknown effect: the attempt that this is about; null = it is about the gate.'),
  })
  .meta({ id: 'GateWord' });

export const signalWord = z.strictObject({ signal: id, data: anyJson.optional() }).meta({ id: 'SignalWord' });

export const cancelWord = z.strictObject({ reason: text }).meta({ id: 'CancelWord' });

export const driftWord = z
  .strictObject({
    step: id,
    choice: z.enum(['keep', 'redo', 'fork']),
    allowEffects: z.boolean().optional().describe('fork: effects may happen in it.'),
  })
  .meta({ id: 'DriftWord' });

export const forkWord = z
  .strictObject({
    at: ms.optional().describe('Before this event. Default: before the run began to end.'),
    beforeStep: id.optional().describe('Before this step was asked, the last time it was.'),
    redo: idList.optional().describe('Steps to be worked again, with all inside them.'),
    input: anyJson.optional(),
    agents: z.record(id, id).optional().describe('Whom to ask, by skill, whatever the steps say.'),
    allowEffects: z.boolean().optional().describe('Let effects happen in the fork.'),
    drift: z.enum(['ask', 'keep', 'redo']).optional(),
    goal: text.optional(),
    budget: amounts.optional(),
    deadlineMs: ms.optional(),
  })
  .meta({ id: 'Fork' });

export const diffQuery = z.strictObject({ with: id.describe('The other run.') });

export const eraseWord = z
  .strictObject({
    seqs: z
      .union([z.literal('all'), z.array(ms).min(1).max(10_000)])
      .describe(
        'Of these events, or of all (an ended run). An open run keeps its plan, and fails with `payload.erased` when it needs what is gone.',
      ),
    reason: text,
  })
  .meta({ id: 'EraseWord' });
