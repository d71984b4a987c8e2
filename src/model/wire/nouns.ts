/** The nouns as a wire carries them. */
import { z } from 'zod';
import type { FaultCode, Json } from '../../base/index.ts';
import type { Event } from '../events.ts';
import type { EffectClass, Outcome, RunOutcome, StepKind } from '../words.ts';

/** Any JSON: what came in was parsed, so there is nothing else. */
export const anyJson = z.unknown().describe('Any JSON.') as unknown as AnyJson;
/** With a name of its own: what is emitted for who imports the client names this file, not the whole package. */
export interface AnyJson extends z.ZodType<Json> {}

/** Ids that people choose or see in paths. */
const MAX_ID_CHARS = 2_000;
const MAX_TEXT_CHARS = 10_000;
const MAX_LIST = 1_000;

export const id = z
  .string()
  .min(1)
  .max(MAX_ID_CHARS)
  .regex(/^[ -~\u00a0-\uffff]*$/, 'holds control characters');
export const text = z.string().max(MAX_TEXT_CHARS);
export const ms = z.int().nonnegative();
export const idList = z.array(id).max(MAX_LIST);
const amount = z.number().nonnegative();

export const amounts = z
  .strictObject({
    money: amount.optional().describe("In the site's currency."),
    tokens: amount.optional(),
    calls: amount.optional(),
    timeMs: amount.optional().describe('Time of agents at work.'),
  })
  .meta({ id: 'Amounts', description: 'What can be spent. A missing member is no limit, or nothing.' });

const open = <T extends string>() => z.string() as unknown as z.ZodType<T>;

export const principal = z.object({ id: z.string(), rights: z.array(z.string()) }).meta({ id: 'Principal' });

export const fault = z
  .object({
    code: open<FaultCode>(),
    retry: z.enum(['never', 'same', 'elsewhere']),
    message: z.string(),
    afterMs: z.number().optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
    cause: z.string().optional(),
  })
  .meta({ id: 'Fault', description: 'What went wrong, as the journal has it.' });

export const runOutcome = z.enum(['completed', 'failed', 'cancelled', 'continued'] satisfies RunOutcome[]);
const outcome = z.enum(['ok', 'failed', 'cancelled', 'skipped'] satisfies Outcome[]);
const effect = z.enum(['pure', 'idempotent', 'reversible', 'irreversible'] satisfies EffectClass[]);
const status = z.enum(['open', 'ended']);

export const runRow = z
  .object({
    run: z.string(),
    workflow: z.string(),
    version: z.string(),
    status,
    outcome: runOutcome.optional(),
    fault: z.string().optional().describe('The code of the fault that it ended with.'),
    by: z.string().optional().describe('Who started it.'),
    parent: z.string().optional().describe('The run that it is a child of.'),
    goal: z.string().optional(),
    labels: z.array(z.string()).optional(),
    createdMs: z.number(),
    events: z.number().describe('Events in its journal.'),
    owner: z.string().nullable().describe('The worker that holds it now.'),
  })
  .meta({ id: 'RunRow', description: 'A run in a list.' });

export const runView = z
  .object({
    run: z.string(),
    workflow: z.string(),
    version: z.string(),
    phase: z.enum(['new', 'running', 'ending', 'ended']),
    outcome: runOutcome.optional(),
    output: anyJson.optional(),
    fault: fault.optional(),
    input: anyJson.optional(),
    goal: z.string().optional(),
    by: principal,
    labels: z.array(z.string()).optional(),
    admittedMs: z.number(),
    movedMs: z.number().describe('When its journal last grew.'),
    deadlineMs: z.number().optional(),
    events: z.number().describe('Events in its journal.'),
    steps: z.object({ asked: z.number(), open: z.number(), settled: z.number() }),
    waitsFor: z.array(z.string()).describe('Steps that wait for a person.'),
    budget: amounts.optional(),
    held: amounts,
    spent: amounts,
    worker: z.string().optional(),
    epoch: z.number(),
    engine: z.string(),
    parent: z.object({ run: z.string(), step: z.string() }).optional(),
    forkOf: z.object({ run: z.string(), seq: z.number() }).optional(),
    next: z.string().optional().describe('The run that carries on.'),
    cancelling: z.object({ by: z.string(), reason: z.string() }).optional(),
    blockEffects: z.boolean(),
  })
  .meta({ id: 'Run', description: 'A run as the fold of its journal.' });

export const stepView = z
  .object({
    step: z.string(),
    kind: open<StepKind>(),
    at: z.string().describe('What it waits for, or `settled`.'),
    skill: z.string().optional(),
    out: outcome.optional(),
    input: anyJson.optional(),
    output: anyJson.optional(),
    fault: fault.optional(),
    labels: z.array(z.string()).optional(),
    askedMs: z.number(),
    attempts: z
      .array(
        z.object({
          n: z.number(),
          agent: z.string(),
          effect,
          status: z.enum(['open', 'answered', 'failed', 'unknown']),
          begunMs: z.number(),
          fault: fault.optional(),
        }),
      )
      .describe('Of a step that is not settled; the journal has all.'),
    child: z.string().optional().describe('The run that works it.'),
  })
  .meta({ id: 'Step' });

export const gate = z
  .object({
    step: z.string(),
    asks: z
      .enum(['gate', 'effect', 'unknown', 'heal', 'input', 'poison'])
      .describe(
        'A gate; an effect to let pass; whether a call happened; how a failure is to heal; what an agent asks; whether a run that took its workers down (step `*`) may go on.',
      ),
    right: z.string().describe('The right that an answer needs.'),
    show: anyJson.optional().describe('What the person is shown.'),
    sinceMs: z.number(),
  })
  .meta({ id: 'Gate' });

export const event = z.looseObject({ type: z.string() }) as unknown as z.ZodType<Event>;

export const line = z
  .object({
    seq: z.number(),
    at: z.number().describe('When its input arrived, ms since 1970.'),
    in: z.string().describe('The input that brought it about.'),
    event,
  })
  .meta({ id: 'Line', description: 'One event of a journal.' });

export const siteLine = z
  .object({
    id: z.string().describe('Its place in the stream of the site.'),
    run: z.string(),
    workflow: z.string(),
    ...line.shape,
  })
  .meta({ id: 'SiteLine', description: 'One event of some run.' });

export const workflowView = z
  .object({
    name: z.string(),
    version: z.string(),
    kind: z.enum(['code', 'data']),
    input: anyJson.optional().describe('JSON Schema of its input.'),
    output: anyJson.optional().describe('JSON Schema of its output.'),
    deadlineMs: z.number().optional(),
    budget: amounts.optional(),
    labels: z.array(z.string()).optional(),
  })
  .meta({ id: 'Workflow' });

export const agentView = z
  .object({
    name: z.string(),
    kind: z.string().optional(),
    description: z.string().optional(),
    version: z.string().optional(),
    skills: z.array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        effect,
        keyed: z.boolean().optional(),
        undeclared: z.boolean().optional(),
        price: amounts.optional(),
        input: anyJson.optional(),
        output: anyJson.optional(),
      }),
    ),
  })
  .meta({ id: 'Agent' });

export const finding = z
  .object({ kind: z.string(), seq: z.number(), detail: z.string() })
  .meta({ id: 'Finding', description: 'What an audit found in a journal.' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: open<FaultCode>(),
    retry: z.enum(['never', 'same', 'elsewhere']),
    afterMs: z.number().optional(),
    todo: z.string().describe('What to do about it.'),
    about: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with our code, whether to try again, and what to do.' });
