/** Faults on the wire of HTTP: which status each code has, and the problem (RFC 9457) that says it. */
import { errorText, type Fault, type FaultCode, faultTable, toFault } from '../../base/index.ts';
import { hideTokens } from './tokens.ts';

/** A fault that came by no fault of the caller's is 5xx; one that time may mend says Retry-After. */
export const faultStatus = {
  'input.invalid': 400,
  'input.not-json': 400,
  'input.too-large': 413,
  'plan.invalid': 422,
  'not-found': 404,
  'rights.missing': 403,
  'address.refused': 403,
  conflict: 409,
  'step.repeated': 422,
  'step.drift': 409,
  'step.failed': 422,
  'step.skipped': 409,
  'step.timeout': 504,
  'step.cancelled': 409,
  'join.impossible': 422,
  'gate.denied': 409,
  'workflow.threw': 422,
  'workflow.unknown': 404,
  'workflow.stuck': 422,
  'run.poison': 409,
  'payload.erased': 409,
  'output.invalid': 422,
  'agent.none': 409,
  'agent.failed': 502,
  'agent.busy': 503,
  'agent.lost': 502,
  'agent.refused': 422,
  'input.required': 409,
  'no-way-left': 409,
  'effect.unknown': 409,
  'effect.ungated': 422,
  'effect.blocked': 409,
  'budget.spent': 409,
  'budget.unpriced': 422,
  'deadline.passed': 409,
  overloaded: 503,
  'token.missing': 401,
  'token.refused': 401,
  'token.in-url': 400,
  'host.refused': 421,
  'origin.refused': 403,
  'rate.exceeded': 429,
  'method.refused': 405,
  'media.refused': 415,
  'store.fenced': 503,
  'store.full': 503,
  'store.read-only': 503,
  'store.io': 503,
  'store.busy': 503,
  'store.unreachable': 503,
  'store.corrupt': 500,
  'store.foreign': 500,
  'store.newer': 500,
  'journal.broken': 500,
  'site.stopped': 503,
  internal: 500,
} as const satisfies Record<FaultCode, number>;

/** RFC 9457, with our code, whether to try again, and what to do. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: FaultCode;
  retry: Fault['retry'];
  afterMs?: number;
  todo: string;
  /** More about it, as the fault says. */
  about?: Record<string, unknown>;
}

/** Where the codes are explained; also the name of each problem's type. */
const TYPE_BASE = 'urn:skein:fault:';
const DEFAULT_AFTER_MS = 1_000;

export function problemOf(thrown: unknown): Problem {
  const fault = toFault(thrown, 'internal');
  const status = faultStatus[fault.code];
  const problem: Problem = {
    type: TYPE_BASE + fault.code,
    title: titleOf(fault.code),
    status,
    // What an unforeseen error says may hold anything: it is for the site's own log.
    detail: fault.code === 'internal' ? 'something unforeseen went wrong' : hideTokens(fault.message),
    code: fault.code,
    retry: fault.retry,
    todo: faultTable[fault.code].todo,
  };
  const afterMs = fault.afterMs ?? (status === 429 || status === 503 ? DEFAULT_AFTER_MS : undefined);
  if (afterMs !== undefined) problem.afterMs = afterMs;
  if (fault.detail !== undefined && fault.code !== 'internal') problem.about = plain(fault.detail);
  return problem;
}

export function problemResponse(thrown: unknown, headers: Record<string, string> = {}): Response {
  const problem = problemOf(thrown);
  const all: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  if (problem.afterMs !== undefined) all['retry-after'] = String(Math.max(1, Math.ceil(problem.afterMs / 1000)));
  return Response.json(problem, { status: problem.status, headers: { ...all, ...headers } });
}

function titleOf(code: FaultCode): string {
  const text = code.replaceAll(/[.-]/g, ' ');
  return text[0]!.toUpperCase() + text.slice(1);
}

function plain(detail: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(hideTokens(JSON.stringify(detail))) as Record<string, unknown>;
  } catch (error) {
    return { unreadable: errorText(error) };
  }
}
