/**
 * What a server's errors mean to a run.
 *
 * F1  It never got the call (refused connection, unknown session): `agent.busy`, nothing was done.
 * F2  It got the call and will not take it (unknown tool, bad arguments, no rights): `agent.refused`, nothing was done.
 * F3  It took the call and said that it failed, or was lost on the way: it may have acted. One that was lost may be
 *     back soon: what may be repeated is asked of it again before anybody else is.
 */
import { errorText, Fault, type FaultData, isFaultCode } from '../../../base/index.ts';
import type { McpLibrary } from './library.ts';

/** Skein's own door says a fault in full here; others leave it away. */
export const FAULT_META_KEY = 'dev.skein/fault';
/** Give it to the sink: the same for every try at a step. */
export const KEY_META_KEY = 'dev.skein/key';

const AGAIN_MS = 500;
/** Codes by which a server of ours may say that nothing was done. Others are only words of a stranger. */
const TAKEN_FROM_WIRE = new Set(['agent.busy', 'agent.refused', 'overloaded', 'rights.missing', 'input.invalid']);

/** Before the call was sent. */
export function unreached(name: string, thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const why = errorText(deepest(thrown));
  if (thrown instanceof Error && thrown.name === 'AuthorizationServerMismatchError')
    return new Fault(
      'agent.refused',
      `'${name}' names an authorization server that may not see the secret: ${why}. Say it in \`oauth.issuer\` if it is meant`,
      { cause: thrown },
    );
  return new Fault('agent.busy', `the MCP server of '${name}' cannot be reached: ${why}`, {
    afterMs: AGAIN_MS,
    cause: thrown,
  });
}

/** After it was, or may have been, sent. */
export function faultOfCall(name: string, tool: string, thrown: unknown, library: McpLibrary): Fault {
  if (thrown instanceof Fault) return thrown;
  const { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } = library;
  const said = errorText(thrown);
  const refused = (why: string): Fault =>
    new Fault('agent.refused', `'${name}' does not take the call of '${tool}': ${why}`, { cause: thrown });
  const lost = (cause: unknown): Fault =>
    new Fault('agent.lost', `'${name}' was lost while it worked '${tool}': ${said}`, {
      retry: 'same',
      afterMs: AGAIN_MS,
      cause,
    });
  if (isRefusedConnection(thrown)) return unreached(name, thrown);
  if (SdkHttpError.isInstance(thrown)) {
    if (thrown.status === 429 || thrown.status === 503)
      return new Fault('agent.busy', `'${name}' is busy: ${said}`, { afterMs: AGAIN_MS, cause: thrown });
    if (thrown.status >= 400 && thrown.status < 500) return refused(said);
    return lost(thrown);
  }
  if (library.UnauthorizedError.isInstance(thrown)) return refused(`it wants authorization (${said})`);
  if (SdkError.isInstance(thrown)) {
    if (thrown.code === SdkErrorCode.InvalidResult || thrown.code === SdkErrorCode.UnsupportedResultType)
      return new Fault('output.invalid', `'${tool}' at '${name}' answered otherwise than it declares: ${said}`, {
        cause: thrown,
      });
    if (thrown.code === SdkErrorCode.NotConnected) return unreached(name, thrown);
    return lost(thrown);
  }
  if (ProtocolError.isInstance(thrown)) {
    // The library says by this code, too, that an answer does not fit what the tool declares.
    if (/output schema|structured content/i.test(said))
      return new Fault('output.invalid', `'${tool}' at '${name}' answered otherwise than it declares: ${said}`, {
        cause: thrown,
      });
    if (thrown.code === -32_602 || thrown.code === -32_601 || thrown.code === -32_600 || thrown.code === -32_021)
      return refused(said);
    return new Fault('agent.failed', `'${tool}' at '${name}' failed: ${said}`, { cause: thrown });
  }
  // No word of the server's: the way to it broke.
  return lost(thrown);
}

/** A fault that a Skein behind the server has put into a result. */
export function faultFromMeta(meta: Record<string, unknown> | undefined): Fault | undefined {
  const given = meta?.[FAULT_META_KEY] as Partial<FaultData> | null | undefined;
  if (given === undefined || given === null || !isFaultCode(given.code) || !TAKEN_FROM_WIRE.has(given.code))
    return undefined;
  const afterMs = typeof given.afterMs === 'number' && given.afterMs >= 0 ? given.afterMs : undefined;
  return new Fault(given.code, typeof given.message === 'string' ? given.message : given.code, { afterMs });
}

function isRefusedConnection(thrown: unknown): boolean {
  const { code, syscall } = (deepest(thrown) ?? {}) as { code?: unknown; syscall?: unknown };
  return syscall === 'connect' || /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/.test(String(code));
}

/** The connection was cut, and not by a word of the server's. */
export function isBrokenOff(thrown: unknown, { SdkError, SdkErrorCode }: McpLibrary): boolean {
  if (SdkError.isInstance(thrown) && thrown.code === SdkErrorCode.ConnectionClosed) return true;
  return /ECONNRESET|EPIPE|UND_ERR_SOCKET/.test(String((deepest(thrown) as { code?: unknown })?.code));
}

function deepest(thrown: unknown): unknown {
  let error = thrown;
  for (let i = 0; i < 5; i++) {
    const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown[] };
    const inner = cause ?? errors?.[0];
    if (inner === undefined) return error;
    error = inner;
  }
  return error;
}
