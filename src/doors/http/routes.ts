/** From the table of calls to routes: what comes in is checked, handed over, and answered. */
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { type Clock, errorText, Fault } from '../../base/index.ts';
import { type Call, type CallName, callNamed, paths } from '../../model/wire/index.ts';
import { within } from '../../site/within.ts';
import { checkKey, type GuardEnv, ownKey } from '../guard/index.ts';
import type { Given, Handlers } from './given.ts';

/** Nobody waits longer for an answer: what takes longer is asked for in pages, or watched. */
const CALL_MS = 120_000;

type AnyGiven = Given<CallName>;
type Answered = { status: number; body: unknown; location?: string } | Response;

export interface RouteOptions {
  clock: Clock;
  /** The door closes: who waits or reads along is let go. */
  closing: AbortSignal;
}

export function addRoutes(app: Hono<GuardEnv>, handlers: Handlers, { clock, closing }: RouteOptions): void {
  const methods = new Map<string, string[]>();
  for (const name of Object.keys(paths) as CallName[]) {
    const [method, path] = paths[name];
    const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const handle = handlers[name] as (given: AnyGiven) => Answered | Promise<Answered>;
    methods.set(route, [...(methods.get(route) ?? []), method.toUpperCase()]);
    app.on(method.toUpperCase(), route, async (c) => {
      const given = await givenOf(name, c, closing);
      const response = responseOf(await inTime(Promise.resolve(handle(given)), clock));
      // Nobody reads it: what it holds is given back now.
      if (c.req.raw.method === 'HEAD') await response.body?.cancel();
      return response;
    });
  }
  for (const [route, known] of methods) {
    const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].join(', ');
    app.all(route, (c) => {
      c.header('allow', allow);
      throw new Fault(
        'method.refused',
        `${c.req.method} is not for this address; ${allow} ${allow.includes(',') ? 'are' : 'is'}`,
      );
    });
  }
}

async function givenOf(name: CallName, c: Context<GuardEnv>, closing: AbortSignal): Promise<AnyGiven> {
  const call: Call = callNamed(name);
  const by = c.get('principal');
  const key = checkKey(call.hasKey === true ? c.req.header('idempotency-key') : undefined, 'Idempotency-Key');
  const given = {
    params: checked(call.params, c.req.param(), 'the path'),
    query: checked(call.query, queryOf(c), 'the query'),
    body: call.body === undefined ? undefined : checked(call.body, await jsonOf(c), 'the body'),
    by,
    key: key === undefined ? undefined : ownKey(name, by, key),
    header: (name: string) => c.req.header(name),
    // Made where it is looked at: most calls are over before anybody could leave.
    get signal() {
      return AbortSignal.any([c.req.raw.signal, closing]);
    },
  };
  return given as AnyGiven;
}

function queryOf(c: Context): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}

async function jsonOf(c: Context): Promise<unknown> {
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
    throw new Fault('media.refused', 'the body must be JSON');
  const bytes = await c.req.arrayBuffer();
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new Fault('input.not-json', `the body is no JSON: ${errorText(error)}`);
  }
}

/** At most so many complaints are of use to anybody. */
const MAX_ISSUES = 20;

function checked(shape: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (shape === undefined) {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    if (names.length === 0) return undefined;
    throw new Fault(
      'input.invalid',
      `${what} has members that are not known: ${names.slice(0, MAX_ISSUES).join(', ')}`,
    );
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ at: path.map(String).join('.'), message }));
  const said = issues.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; ');
  throw new Fault('input.invalid', `${what} does not fit: ${said}`, { detail: { issues } });
}

async function inTime(work: Promise<Answered>, clock: Clock): Promise<Answered> {
  if (await within(clock, ended(work), CALL_MS)) return work;
  throw new Fault('overloaded', `no answer in ${CALL_MS} ms; what was asked may still be done`);
}

async function ended(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

function responseOf(answer: Answered): Response {
  if (answer instanceof Response) return answer;
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (answer.location !== undefined) headers['location'] = answer.location;
  return Response.json(answer.body, { status: answer.status, headers });
}
