/** What went wrong, typed. One class, one table of codes; doors map codes to their own wire. */

export type Retry = 'never' | 'same' | 'elsewhere';

/** Every code, the retry it allows by default, and what a person may do about it. */
export const faultTable = {
  // the caller's words
  'input.invalid': { retry: 'never', todo: 'Mend the input as the detail says and send it again.' },
  'input.not-json': {
    retry: 'never',
    todo: 'Pass plain JSON data: no functions, dates, cycles, NaN or undefined in arrays.',
  },
  'input.too-large': { retry: 'never', todo: 'Send less, or send a reference to it.' },
  'plan.invalid': { retry: 'never', todo: 'Mend the places named in the detail.' },
  'not-found': { retry: 'never', todo: 'Check the name; list what there is.' },
  'rights.missing': { retry: 'never', todo: 'Ask somebody who has the right named in the detail.' },
  'address.refused': {
    retry: 'never',
    todo: 'Name a public http(s) address; a local one must be on the allow-list of the site.',
  },
  conflict: { retry: 'never', todo: 'Look at the present state and decide again.' },
  // workflows and their steps
  'step.repeated': { retry: 'never', todo: 'Give each use of the name its own `key`.' },
  'step.drift': {
    retry: 'never',
    todo: 'Choose keep (the old result), redo (work it again) or fork (a new run from here).',
  },
  'step.failed': { retry: 'never', todo: 'Read the cause; the journal has every attempt.' },
  'step.skipped': { retry: 'never', todo: 'It could no longer run; the cause is named.' },
  'step.timeout': { retry: 'elsewhere', todo: 'Allow more time, or a faster agent.' },
  'step.cancelled': { retry: 'never', todo: 'Nothing: it was cancelled, the reason is in the detail.' },
  'join.impossible': { retry: 'never', todo: 'Too few branches succeeded; see their faults.' },
  'gate.denied': { retry: 'never', todo: 'A person said no; the reason is in the detail.' },
  'workflow.threw': { retry: 'never', todo: 'Mend the workflow code; the run can be forked from before the error.' },
  'workflow.unknown': { retry: 'never', todo: 'Register this workflow and version with the site.' },
  'workflow.stuck': {
    retry: 'never',
    todo: 'The code waits for something that is not a step; only await `run` calls.',
  },
  'run.poison': {
    retry: 'never',
    todo: 'See what was under way; approve tries it again, edit gives the result of the step, deny gives the run up.',
  },
  'payload.erased': {
    retry: 'never',
    todo: 'What was erased is gone: start it anew, or fork the run and give it what is missing.',
  },
  'output.invalid': { retry: 'elsewhere', todo: 'The answer does not fit the schema; fix the agent or the schema.' },
  // agents
  'agent.none': { retry: 'never', todo: 'Add an agent that has the skill, or change the step.' },
  'agent.failed': { retry: 'elsewhere', todo: 'See the cause; another agent may do it.' },
  'agent.busy': { retry: 'same', todo: 'Wait `afterMs`, then again.' },
  'agent.lost': {
    retry: 'elsewhere',
    todo: 'The agent went silent; its work moves elsewhere if its effect class allows.',
  },
  'agent.refused': { retry: 'never', todo: 'The agent will not do this; change the request.' },
  'input.required': {
    retry: 'never',
    todo: 'Answer the question in the detail: edit gives the answer, approve takes its defaults, deny gives the step up.',
  },
  'no-way-left': { retry: 'never', todo: 'Every way is shut; the cut set in the detail names what must heal first.' },
  // effects
  'effect.unknown': {
    retry: 'never',
    todo: 'Whether it happened is unknown: reconcile with the sink, or let a person decide.',
  },
  'effect.ungated': { retry: 'never', todo: 'Put a gate before an irreversible effect.' },
  'effect.blocked': { retry: 'never', todo: 'Effects are blocked in this fork; allow them on purpose.' },
  // limits
  'budget.spent': { retry: 'never', todo: 'Raise the budget, or cut the work.' },
  'budget.unpriced': { retry: 'never', todo: 'Give the agent a price or the step a ceiling.' },
  'deadline.passed': { retry: 'never', todo: 'Give the task more time.' },
  overloaded: { retry: 'same', todo: 'Wait `afterMs` and try again.' },
  // the network doors
  'token.missing': { retry: 'never', todo: 'Send `Authorization: Bearer TOKEN`; the site keeps its token in a file.' },
  'token.refused': { retry: 'never', todo: 'Use a token that this site made for this door and that has not ended.' },
  'token.in-url': {
    retry: 'never',
    todo: 'Send it as `Authorization: Bearer TOKEN`, and rotate it: addresses end up in logs and histories.',
  },
  'host.refused': { retry: 'never', todo: 'Call the site by its own name, or add the name to `hosts`.' },
  'origin.refused': { retry: 'never', todo: 'Add the origin of this page to `origins` if it may call the site.' },
  'rate.exceeded': { retry: 'same', todo: 'Wait `afterMs`, then send fewer at a time.' },
  'method.refused': { retry: 'never', todo: 'Use a method that the Allow header names.' },
  'media.refused': { retry: 'never', todo: 'Send `Content-Type: application/json`.' },
  // the journal and its store
  'store.fenced': { retry: 'never', todo: 'Another worker owns this run now; nothing to do.' },
  'store.full': { retry: 'same', todo: 'Free disk space; work goes on by itself.' },
  'store.read-only': { retry: 'same', todo: 'Make the store writable; work goes on by itself.' },
  'store.io': { retry: 'same', todo: 'The disk or server failed; see the cause.' },
  'store.busy': { retry: 'same', todo: 'The store is held by another writer; again shortly.' },
  'store.unreachable': { retry: 'same', todo: 'Check the server and the way to it.' },
  'store.corrupt': { retry: 'never', todo: 'Restore from a backup; keep the damaged file for analysis.' },
  'store.foreign': { retry: 'never', todo: 'This is not a Skein store; point to another path.' },
  'store.newer': { retry: 'never', todo: 'The store was written by a newer Skein; upgrade this program.' },
  'journal.broken': {
    retry: 'never',
    todo: 'The journal was changed after it was written; see place and kind in the detail.',
  },
  'site.stopped': { retry: 'elsewhere', todo: 'Start the site again; the run goes on where it was.' },
  internal: { retry: 'never', todo: 'This is a bug in Skein; please report it with the detail.' },
} as const satisfies Record<string, { retry: Retry; todo: string }>;

export type FaultCode = keyof typeof faultTable;

/** A fault as plain data: what a journal and a wire carry. */
export interface FaultData {
  code: FaultCode;
  retry: Retry;
  message: string;
  afterMs?: number;
  detail?: Record<string, unknown>;
  cause?: string;
}

export interface FaultOptions {
  retry?: Retry;
  afterMs?: number;
  detail?: Record<string, unknown>;
  cause?: unknown;
}

export class Fault extends Error {
  readonly code: FaultCode;
  readonly retry: Retry;
  readonly afterMs: number | undefined;
  readonly detail: Record<string, unknown> | undefined;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.retry = options.retry ?? faultTable[code].retry;
    this.afterMs = options.afterMs;
    this.detail = options.detail;
  }

  get todo(): string {
    return faultTable[this.code].todo;
  }
}

export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === 'string' && Object.hasOwn(faultTable, code);
}

/** Keep in journals at most this much of a foreign error's text. */
const MAX_CAUSE_CHARS = 2000;

export function faultToData(fault: Fault): FaultData {
  const data: FaultData = { code: fault.code, retry: fault.retry, message: fault.message };
  if (Number.isFinite(fault.afterMs)) data.afterMs = fault.afterMs;
  if (fault.detail !== undefined) data.detail = plainDetail(fault.detail);
  if (fault.cause !== undefined) data.cause = errorText(fault.cause).slice(0, MAX_CAUSE_CHARS);
  return data;
}

export function dataToFault(data: FaultData): Fault {
  const code = isFaultCode(data.code) ? data.code : 'internal';
  return new Fault(code, data.message, {
    retry: data.retry,
    afterMs: data.afterMs,
    detail: data.detail,
    cause: data.cause,
  });
}

/** Any thrown thing as a fault: a Fault stays itself, everything else takes the code given. */
export function toFault(thrown: unknown, code: FaultCode): Fault {
  if (isOf(thrown, Fault)) return thrown;
  return new Fault(code, errorText(thrown), { cause: thrown });
}

/** `instanceof` for what anybody threw: a proxy may throw when it is asked what it is. */
export function isOf<T>(thrown: unknown, type: abstract new (...given: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

/** Total: whatever was thrown, even what throws when looked at. */
export function errorText(thrown: unknown): string {
  try {
    const text: unknown = thrown instanceof Error ? thrown.message || thrown.name : thrown;
    if (text !== thrown) return String(text);
    if (typeof thrown === 'string') return thrown;
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return 'something that cannot be put in words';
  }
}

/** Details come from anybody who throws: what JSON cannot carry must not stop a journal. */
function plainDetail(detail: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(detail)) as Record<string, unknown>;
  } catch (error) {
    return { unreadable: errorText(error) };
  }
}
