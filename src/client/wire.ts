/** One call of the HTTP door: sent, sent again where that is safe, and its problem made a fault. */
import { Fault, isFaultCode } from '../base/fault.ts';
import { callable, checkGiven, checkOptions, count, either, type Options, text } from '../base/options.ts';
import type { AnswerOf, CallInput } from '../model/wire/index.ts';
import { type CallName, paths } from '../model/wire/paths.ts';
import { pauseMs, wait } from './wait.ts';

export interface WireOptions {
  /** The site's address: `http://127.0.0.1:7717`. */
  url: string;
  token: string | (() => string | Promise<string>);
  /** Default: the platform's. */
  fetch?: typeof fetch;
  /** One request is given up after this long. */
  timeoutMs?: number;
  /** A site that was reached before, and is away now or busy, is tried again for this long. Default: a minute. */
  patienceMs?: number;
  /** The same, as long as nothing ever answered at its address. Default: 5 seconds, or the patience if that is shorter. */
  reachMs?: number;
}

export interface Said {
  signal?: AbortSignal;
  key?: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface Wire {
  /** As long as nothing ever answered it is shorter. */
  readonly patienceMs: number;
  call<K extends CallName>(name: K, given: Partial<CallInput<K>>, said?: Said): Promise<AnswerOf<K>>;
  /** The same, sent once, its answer as it comes. Problems are thrown. */
  open<K extends CallName>(name: K, given: Partial<CallInput<K>>, said?: Said): Promise<Response>;
}

const TIMEOUT_MS = 30_000;
const PATIENCE_MS = 60_000;
/** A site that is starting is there by then; a wrong address, or a site that nobody started, is not worth a minute. */
const REACH_MS = 5_000;

/** Calls that change nothing when they are sent again: they only read, or carry a key, or say a thing that stays said. */
const REPEATABLE: ReadonlySet<CallName> = new Set(['startRun', 'forkRun', 'answerGate', 'signalRun', 'eraseRun']);

const OPTIONS: Options<WireOptions> = {
  url: text,
  token: either(text, callable),
  fetch: callable,
  timeoutMs: count,
  patienceMs: count,
  reachMs: count,
};

export function createWire(options: WireOptions): Wire {
  checkOptions(options, OPTIONS, 'createClient');
  checkGiven(options?.url, text, 'the `url` of createClient');
  checkGiven(options.token, OPTIONS.token, 'the `token` of createClient');
  const { patienceMs = PATIENCE_MS, timeoutMs = TIMEOUT_MS } = options;
  const { reachMs = Math.min(patienceMs, REACH_MS) } = options;
  let wasReached = false;
  const mostMs = (): number => (wasReached ? patienceMs : reachMs);
  const send = options.fetch ?? fetch;
  const base = options.url.replace(/\/+$/, '');

  async function open<K extends CallName>(name: K, given: Partial<CallInput<K>>, said: Said = {}): Promise<Response> {
    const [method] = paths[name];
    const token = typeof options.token === 'string' ? options.token : await options.token();
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...said.headers };
    if (said.key !== undefined) headers['idempotency-key'] = said.key;
    if (given.body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await send(base + addressOf(name, given), {
        method: method.toUpperCase(),
        headers,
        body: given.body === undefined ? undefined : JSON.stringify(given.body),
        signal: said.signal ?? null,
        redirect: 'error',
      });
      wasReached = true;
    } catch (error) {
      said.signal?.throwIfAborted();
      const never = wasReached ? '' : ', and never was: is the address right, and does it run (`skein up`)?';
      const message = `the site at ${base} cannot be reached${never}`;
      throw new Fault('site.stopped', message, { retry: 'same', cause: error });
    }
    if (!response.ok) throw await faultOf(response);
    return response;
  }

  async function once<K extends CallName>(name: K, given: Partial<CallInput<K>>, said: Said): Promise<AnswerOf<K>> {
    const late = AbortSignal.timeout(said.timeoutMs ?? timeoutMs);
    const signal = said.signal === undefined ? late : AbortSignal.any([late, said.signal]);
    try {
      const response = await open(name, given, { ...said, signal });
      return (await (name === 'metrics' ? response.text() : response.json())) as AnswerOf<K>;
    } catch (thrown) {
      said.signal?.throwIfAborted();
      if (thrown instanceof Fault) throw thrown;
      const why = late.aborted ? 'has not answered in time' : 'broke off its answer';
      throw new Fault('site.stopped', `the site at ${base} ${why}`, { retry: 'same', cause: thrown });
    }
  }

  return {
    get patienceMs() {
      return mostMs();
    },
    open,
    async call(name, given, said = {}) {
      const sinceMs = performance.now();
      const isRepeatable = paths[name][0] === 'get' || REPEATABLE.has(name);
      for (let failures = 0; ; failures++) {
        try {
          return await once(name, given, said);
        } catch (thrown) {
          if (!(thrown instanceof Fault) || thrown.retry !== 'same') throw thrown;
          // What was refused for now was not done: it may be said again, whatever it is.
          if (!isRepeatable && thrown.code !== 'rate.exceeded') throw thrown;
          const pause = Math.max(thrown.afterMs ?? 0, pauseMs(failures));
          if (performance.now() + pause > sinceMs + mostMs()) throw thrown;
          await wait(pause, said.signal);
        }
      }
    },
  };
}

function addressOf<K extends CallName>(name: K, given: Partial<CallInput<K>>): string {
  const params = (given.params ?? {}) as Record<string, string>;
  const path = paths[name][1].replaceAll(/\{(\w+)\}/g, (_whole, member: string) =>
    encodeURIComponent(params[member] ?? ''),
  );
  const query = new URLSearchParams();
  for (const [member, value] of Object.entries((given.query ?? {}) as Record<string, string | number | undefined>))
    if (value !== undefined) query.set(member, String(value));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

interface SaidProblem {
  code?: unknown;
  detail?: unknown;
  retry?: unknown;
  afterMs?: unknown;
  about?: unknown;
}

/** What the site said is wrong; or, where something else answered, that. */
async function faultOf(response: Response): Promise<Fault> {
  const text = await response.text().catch(() => '');
  const said = problemIn(text);
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const afterMs = typeof said.afterMs === 'number' ? said.afterMs : Number.isNaN(seconds) ? undefined : seconds * 1000;
  const isBusy = [429, 502, 503, 504].includes(response.status);
  const code = isFaultCode(said.code) ? said.code : isBusy ? 'site.stopped' : 'internal';
  return new Fault(code, typeof said.detail === 'string' ? said.detail : `the answer was ${response.status}`, {
    // A site that is on its way down or up is the same one in a moment.
    retry: isBusy ? 'same' : undefined,
    afterMs,
    detail: said.about as Record<string, unknown> | undefined,
  });
}

function problemIn(text: string): SaidProblem {
  try {
    return (JSON.parse(text) ?? {}) as SaidProblem;
  } catch {
    return {};
  }
}
