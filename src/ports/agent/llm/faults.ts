/** What a provider says went wrong, as faults. No cause is kept: a provider's error holds requests and headers. */
import { errorText, Fault, type Retry } from '../../../base/index.ts';
import type { Redact } from '../secrets.ts';

/** The AI SDK's error for a call, by shape: its class may come from another copy of the package. */
interface CallError {
  statusCode?: number;
  responseHeaders?: Record<string, string>;
  responseBody?: string;
  message: string;
}

const TOO_LONG =
  /context.?length|context window|maximum context|too many (input )?tokens|prompt is too long|input is too long|exceeds? the (maximum|context)|token limit/i;
const NO_QUOTA = /insufficient_quota|exceeded your current quota|billing|credit balance/i;
/** Where a provider asks to wait and does not say how long. */
const BUSY_MS = 1_000;
/** Longer is no wait: somebody else is asked. */
const LONGEST_WAIT_MS = 120_000;
const MOST_CHARS = 500;

export function providerFault(thrown: unknown, agent: string, redact: Redact): Fault {
  if (thrown instanceof Fault) return thrown;
  const error = innermost(thrown);
  const say = (code: ConstructorParameters<typeof Fault>[0], retry: Retry, what: string, afterMs?: number): Fault =>
    new Fault(code, `agent '${agent}': ${what}`, {
      retry,
      afterMs,
      cause: redact(`${error.statusCode ?? ''} ${error.message}`.trim()).slice(0, MOST_CHARS),
      detail: error.statusCode === undefined ? undefined : { status: error.statusCode },
    });
  const text = `${error.message} ${error.responseBody ?? ''}`;
  const status = error.statusCode;
  if (status === undefined) return withoutStatus(error, say);
  if (status === 429 || status === 503 || status === 529) {
    if (NO_QUOTA.test(text)) return say('agent.refused', 'elsewhere', 'the account has no quota left');
    const afterMs = waitMs(error);
    if (afterMs > LONGEST_WAIT_MS) return say('agent.busy', 'elsewhere', `it is busy for ${afterMs} ms`, afterMs);
    return say('agent.busy', 'same', status === 429 ? 'too many calls' : 'it is overloaded', afterMs);
  }
  if (status === 413 || TOO_LONG.test(text))
    return say('input.too-large', 'elsewhere', 'the input is longer than the model reads');
  if (status === 401 || status === 403) return say('agent.refused', 'elsewhere', 'the key is missing or not accepted');
  if (status === 404) return say('agent.refused', 'elsewhere', 'there is no such model or address');
  // 424: Bedrock's word for a model that fell over in the middle of its answer.
  if (status === 408 || status === 409 || status === 424 || status >= 500)
    return say('agent.failed', 'same', `it failed with ${status}`);
  if (status < 300) return say('agent.failed', 'same', 'it answered what cannot be read');
  return say('agent.failed', 'elsewhere', `it did not accept the call (${status})`);
}

function withoutStatus(
  error: CallError,
  say: (code: 'agent.failed' | 'agent.refused', retry: Retry, what: string) => Fault,
): Fault {
  if (/fetch failed|connect|ECONN|socket|terminated|network|other side closed/i.test(error.message))
    return say('agent.failed', 'same', 'it cannot be reached, or hung up');
  if (/key is missing|API key|credentials/i.test(error.message))
    return say('agent.refused', 'elsewhere', 'it has no key');
  return say('agent.failed', 'same', 'it answered what cannot be read');
}

/** Some wrap the error that says most. */
function innermost(thrown: unknown): CallError {
  let error = thrown as Partial<CallError> & { cause?: unknown; lastError?: unknown };
  const MOST = 5;
  for (let i = 0; i < MOST && typeof error === 'object' && error !== null; i++) {
    const next = (error.lastError ?? (error.statusCode === undefined ? error.cause : undefined)) as typeof error;
    if (typeof next !== 'object' || next === null || !('statusCode' in next)) break;
    error = next;
  }
  const cause = typeof error === 'object' && error !== null ? error.cause : undefined;
  const more = cause === undefined ? '' : `: ${errorText(cause)}`;
  return {
    statusCode: error?.statusCode,
    responseHeaders: error?.responseHeaders,
    responseBody: error?.responseBody,
    message: `${errorText(error)}${more}`,
  };
}

/** Most say it in a header, Google in the body of its error. */
const RETRY_DELAY = /"retryDelay"\s*:\s*"([\d.]+)s"/;

function waitMs({ responseHeaders: headers, responseBody = '' }: CallError): number {
  const delay = RETRY_DELAY.exec(responseBody)?.[1];
  if (delay !== undefined && Number.isFinite(Number(delay))) return Number(delay) * 1_000;
  const ms = Number(headers?.['retry-after-ms']);
  if (Number.isFinite(ms) && ms > 0) return ms;
  const after = headers?.['retry-after'];
  if (after === undefined) return BUSY_MS;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const until = Date.parse(after) - Date.parse(headers?.['date'] ?? '');
  return Number.isFinite(until) ? Math.max(0, until) : BUSY_MS;
}
