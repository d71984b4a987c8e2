/**
 * Every call of the HTTP door: what it takes, what it answers, with which statuses it may refuse. The door checks
 * with these schemas, the OpenAPI document is made of them, and the client has its types from them.
 */
import { z } from 'zod';
import * as nouns from './nouns.ts';
import { type CallName, paths } from './paths.ts';
import * as words from './words.ts';

const { anyJson, amounts } = nouns;

/** What the body of an answer is: JSON of this shape, a stream of events, or plain text. */
export type Answer = z.ZodType | 'events' | 'text';

export interface Call {
  summary: string;
  /** More about it, for the reference. */
  about?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** By status. The first is what it answers as a rule. */
  answers: Record<number, Answer>;
  /** Statuses that it may refuse with, besides those that every call has. */
  refuses: readonly number[];
  /** What the caller must be allowed to do, in words. */
  right: string;
  /** Needs no token. */
  isOpen?: true;
  /** Whatever is wrong, it has its answer. */
  neverFails?: true;
  /** Said twice with the same Idempotency-Key, it is done once. */
  hasKey?: true;
}

const { runParams: params } = words;
const ofRun = { params, refuses: [404] as readonly number[], right: '`run:read`, or to have started the run' };
const list = <T extends z.ZodType>(of: T) => z.object({ items: z.array(of), next: z.string().optional() });
const differs = z.record(z.string(), z.tuple([z.unknown(), z.unknown()])).describe('By member: what it is in a, in b.');
const at = z.object({ seq: z.number(), event: nouns.event });
const said = z.object({ run: z.string(), id: z.string().optional() }).describe('It is on disk; the run hears it soon.');

export const calls = {
  site: {
    summary: 'What this site is',
    answers: {
      200: z
        .object({
          engine: z.string(),
          store: z.string(),
          principal: nouns.principal.describe('Who you are here.'),
          workflows: z.number(),
          agents: z.number(),
        })
        .meta({ id: 'Site' }),
    },
    refuses: [],
    right: 'any token',
  },
  workflows: {
    summary: 'The workflows that can be started',
    answers: { 200: z.object({ items: z.array(nouns.workflowView) }) },
    refuses: [],
    right: 'any token',
  },
  agents: {
    summary: 'Who can work here, and what they can do',
    answers: { 200: z.object({ items: z.array(nouns.agentView) }) },
    refuses: [],
    right: 'any token',
  },
  siteEvents: {
    summary: 'The journals of all runs, live',
    about:
      'Server-sent events, from now on: each has its place as `id` and a SiteLine as `data`, in the order in which they ' +
      'reached the store, whichever worker wrote them. An `id` alone comes first, and now and then: where to come back to ' +
      'with `Last-Event-ID`, and nothing is missed or doubled, also over a restart of the site. 409: the id is of ' +
      'another store, or of before this one was restored. Without `run:read`: runs that you started.',
    query: words.siteEventsQuery,
    answers: { 200: 'events' },
    refuses: [409],
    right: 'any token',
  },
  startRun: {
    summary: 'Start a run',
    about: 'Answers when the run is on disk. 200: this Idempotency-Key had started it before.',
    body: words.start,
    hasKey: true,
    answers: {
      201: z.object({ run: z.string() }).meta({ id: 'Started' }),
      200: z.object({ run: z.string() }).meta({ id: 'StartedBefore' }),
    },
    refuses: [404, 409],
    right: '`run:start`, or `run:start:WORKFLOW`',
  },
  listRuns: {
    summary: 'Runs, newest first',
    about: 'Without `run:read`: those that you started.',
    query: words.listQuery,
    answers: { 200: list(nouns.runRow) },
    refuses: [],
    right: 'any token',
  },
  showRun: { summary: 'A run as it is now', answers: { 200: nouns.runView }, ...ofRun },
  runOutput: {
    summary: 'What a run came to',
    about: 'Follows runs that continue as new ones.',
    query: words.outputQuery,
    answers: {
      200: z
        .object({
          run: z.string(),
          outcome: nouns.runOutcome,
          output: anyJson.optional(),
          fault: nouns.fault.optional(),
          spent: amounts,
        })
        .meta({ id: 'Result' }),
      202: z.object({ run: z.string(), phase: z.string() }).meta({ id: 'NotYet' }),
    },
    ...ofRun,
  },
  runSteps: {
    summary: 'The steps of a run, in the order of asking',
    query: words.stepsQuery,
    answers: { 200: list(nouns.stepView) },
    ...ofRun,
  },
  runJournal: {
    summary: 'The journal of a run',
    query: words.journalQuery,
    answers: { 200: z.object({ items: z.array(nouns.line), next: z.number().optional() }) },
    ...ofRun,
  },
  runEvents: {
    summary: 'The journal of a run, live',
    about:
      'Server-sent events: each has the seq as `id` and a Line as `data`. Come back with `Last-Event-ID` and nothing ' +
      'is missed or doubled, also over a restart of the site. `event: end` follows the last event of a run that is over.',
    query: words.eventsQuery,
    answers: { 200: 'events' },
    ...ofRun,
  },
  runGates: {
    summary: 'What a run waits for a person to say',
    answers: { 200: z.object({ items: z.array(nouns.gate) }) },
    ...ofRun,
  },
  answerGate: {
    summary: 'Approve, edit or deny what a step waits for',
    params,
    body: words.gateWord,
    hasKey: true,
    answers: { 202: said },
    refuses: [404, 409],
    right: 'the right that the gate names',
  },
  signalRun: {
    summary: 'Send a run a signal',
    params,
    body: words.signalWord,
    hasKey: true,
    answers: { 202: said },
    refuses: [404, 409],
    right: '`signal:NAME`',
  },
  cancelRun: {
    summary: 'Cancel a run',
    params,
    body: words.cancelWord,
    answers: { 202: said },
    refuses: [404, 409],
    right: '`run:cancel`, or to have started the run',
  },
  resolveDrift: {
    summary: 'Say what becomes of a step whose input is another now',
    params,
    body: words.driftWord,
    answers: { 202: said },
    refuses: [404, 409],
    right: '`run:drift`',
  },
  forkRun: {
    summary: 'A new run that begins with what this one had settled',
    about: 'Effects are blocked in it unless `allowEffects`, which needs the right `effect:allow`.',
    params,
    body: words.forkWord,
    hasKey: true,
    answers: {
      201: z.object({ run: z.string() }).meta({ id: 'Forked' }),
      200: z.object({ run: z.string() }).meta({ id: 'ForkedBefore' }),
    },
    refuses: [404, 409],
    right: '`run:start`, and to read the run',
  },
  diffRuns: {
    summary: 'Where two runs part',
    query: words.diffQuery,
    answers: {
      200: z
        .object({
          a: z.string(),
          b: z.string(),
          equal: z.boolean(),
          run: differs,
          steps: z.array(z.object({ step: z.string(), differs, only: z.enum(['a', 'b']).optional() })),
          first: z.object({ a: at.optional(), b: at.optional() }).optional(),
        })
        .meta({ id: 'Diff' }),
    },
    ...ofRun,
  },
  replayRun: {
    summary: 'Decide a run again from its journal, and compare',
    answers: {
      200: z
        .looseObject({ run: z.string(), engine: z.string(), turns: z.number(), events: z.number(), equal: z.boolean() })
        .meta({ id: 'Replayed' }),
    },
    ...ofRun,
  },
  verifyRun: {
    summary: 'Is the journal the one that was written',
    answers: {
      200: z.object({ run: z.string(), whole: z.boolean(), findings: z.array(nouns.finding) }).meta({ id: 'Verified' }),
    },
    ...ofRun,
  },
  eraseRun: {
    summary: 'Erase payloads; the journal says so',
    params,
    body: words.eraseWord,
    answers: { 200: z.object({ run: z.string(), erased: z.number() }).meta({ id: 'Erased' }) },
    refuses: [404, 409],
    right: '`payload:erase`',
  },
  healthz: {
    summary: 'The process answers',
    answers: { 200: z.object({ status: z.literal('ok') }).meta({ id: 'Health' }) },
    refuses: [],
    right: 'none',
    isOpen: true,
    neverFails: true,
  },
  readyz: {
    summary: 'The store answers and work goes on',
    about: '503 says what does not.',
    answers: { 200: z.object({ status: z.literal('ready'), storeMs: z.number() }).meta({ id: 'Ready' }) },
    refuses: [],
    right: 'none',
    isOpen: true,
    neverFails: true,
  },
  metrics: {
    summary: 'Figures for Prometheus',
    answers: { 200: 'text' },
    refuses: [],
    right: '`metrics:read`',
  },
  openapi: {
    summary: 'This document',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    refuses: [],
    right: 'none',
    isOpen: true,
    neverFails: true,
  },
} as const satisfies Record<CallName, Call>;

type Calls = typeof calls;
type Out<T> = T extends z.ZodType ? z.output<T> : T extends 'events' ? ReadableStream : string;
type In<T, K extends string> = T extends Record<K, infer S extends z.ZodType> ? z.input<S> : undefined;
type Checked<T, K extends string> = T extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined;

/** What a caller gives. */
export interface CallInput<K extends CallName> {
  params: In<Calls[K], 'params'>;
  query: In<Calls[K], 'query'>;
  body: In<Calls[K], 'body'>;
}

/** The same after the check. */
export interface CheckedInput<K extends CallName> {
  params: Checked<Calls[K], 'params'>;
  query: Checked<Calls[K], 'query'>;
  body: Checked<Calls[K], 'body'>;
}

export type AnswersOf<K extends CallName> = { [S in keyof Calls[K]['answers']]: Out<Calls[K]['answers'][S]> };
export type AnswerOf<K extends CallName> = AnswersOf<K>[keyof AnswersOf<K>];

/** The call with all members a call may have. */
export function callNamed(name: CallName): Call {
  return calls[name];
}

/** Statuses that any guarded call may refuse with, besides its own. 500 is for what nobody foresaw. */
export function refusalsOf(name: CallName): number[] {
  const call = callNamed(name);
  const [method] = paths[name];
  const ofToken = call.isOpen === true ? [] : [401];
  const ofWork = call.neverFails === true ? [] : [500];
  const ofBody = method === 'post' ? [413, 415] : [];
  const all = [400, 403, 421, 429, 503, ...ofToken, ...ofWork, ...ofBody, ...call.refuses];
  return [...new Set(all)].sort((a, b) => a - b);
}
