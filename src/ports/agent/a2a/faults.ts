/**
 * What an agent's errors mean to a run.
 *
 * F1  It never got the message (no connection): `agent.busy`, nothing was done.
 * F2  It got it and will not take it: `agent.refused`, nothing was done.
 * F3  It took it and failed, or was lost on the way: it may have acted.
 */
import { errorText, Fault } from '../../../base/index.ts';
import type { A2aClientLibrary } from './library.ts';

const AGAIN_MS = 500;
const UNREACHED = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|certificate|leads nowhere/;

export function faultOfCall(name: string, thrown: unknown, { errors }: A2aClientLibrary): Fault {
  const chain = chainOf(thrown);
  const known = chain.find((one) => one instanceof Fault);
  const said = errorText(thrown);
  if (known !== undefined && known.code !== 'agent.lost') return known;
  if (chain.some((one) => UNREACHED.test(`${(one as { code?: string }).code ?? ''} ${errorText(one)}`)))
    return new Fault('agent.busy', `the A2A agent '${name}' cannot be reached: ${said}`, {
      afterMs: AGAIN_MS,
      cause: thrown,
    });
  if (known !== undefined) return known;
  const status = chain.map((one) => (one as { statusCode?: unknown }).statusCode).find((code) => code !== undefined);
  if (status === 429 || status === 503 || /\b(429|503)\b/.test(said))
    return new Fault('agent.busy', `'${name}' is busy: ${said}`, { afterMs: AGAIN_MS, cause: thrown });
  if (isRefusal(thrown, errors) || status === 401 || status === 403 || /\b(401|403)\b/.test(said))
    return new Fault('agent.refused', `'${name}' does not take the message: ${said}`, { cause: thrown });
  return new Fault('agent.lost', `'${name}' was lost while it worked: ${said}`, { cause: thrown });
}

function isRefusal(thrown: unknown, errors: A2aClientLibrary['errors']): boolean {
  return [
    errors.RequestMalformedError,
    errors.ContentTypeNotSupportedError,
    errors.UnsupportedOperationError,
    errors.VersionNotSupportedError,
    errors.ExtensionSupportRequiredError,
    errors.TaskNotFoundError,
  ].some((kind) => thrown instanceof kind);
}

/** An error and what caused it, as far as it is told. */
function chainOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = thrown; one !== undefined && one !== null && chain.length < 8; one = (one as Error).cause)
    chain.push(one, ...((one as AggregateError).errors ?? []));
  return chain;
}
