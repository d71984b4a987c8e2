/**
 * The guard of a network door, in this order:
 *
 * G1  the name it was called by, and the page that calls (DNS rebinding, other sites' pages);
 * G2  no token in the address;
 * G3  how often the address calls, and how much is under way at all;
 * G4  the token, its end and its audience; refused ones are counted against their address;
 * G5  how often its principal calls and how much of its own is under way;
 * G6  the body: its size, and the depth of JSON, before anything parses it.
 *
 * What passes has a principal in its context. A refusal is a problem (RFC 9457), and no token is in any of it.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { type Clock, Fault, type FaultCode, toFault } from '../../base/index.ts';
import { hasRight, type Principal } from '../../model/index.ts';
import { type Admission, createAdmission } from './admission.ts';
import { judgeBearer, refuseTokenInUrl } from './bearer.ts';
import { checkDepth, readBody } from './body.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createNames, type NamesOptions } from './names.ts';
import { problemResponse } from './problem.ts';
import type { TokenSource } from './tokens.ts';

/** What a guarded door's handlers find in their context: `c.get('principal')`. */
export interface GuardEnv {
  Variables: { principal: Principal };
  Bindings: Partial<HttpBindings>;
}

export interface GuardOptions extends NamesOptions {
  tokens: TokenSource;
  /**
   * The names that the door goes by in a token's audience: its kind (`http`, `mcp`, `a2a`), its public address. Where
   * several doors share a guard, those of the one at this path.
   */
  audience: readonly string[] | ((path: string) => readonly string[]);
  clock: Clock;
  limits?: Partial<Limits>;
  /** Requests that need no token (health, an agent's card). Names, rate and size hold for them, too. */
  isOpen?: (request: { method: string; path: string }) => boolean;
  /** Parameters of the WWW-Authenticate challenge besides `realm`, such as `resource_metadata`. */
  challenge?: (c: Context) => Record<string, string>;
  /** Another wire's words for a refusal; default: a problem. */
  refuse?: (fault: Fault, c: Context) => Response;
}

export interface Guard {
  readonly middleware: MiddlewareHandler<GuardEnv>;
  readonly limits: Limits;
  /** For bindings that this guard does not see (gRPC): their calls count with the others. */
  readonly admission: Admission;
  /** A stream's place; it is given back by the function returned. Throws `overloaded` when none is free. */
  openStream(principal: Principal): () => void;
  /** For /metrics: what was refused, by code; what is under way now. */
  counts(): { refused: ReadonlyMap<FaultCode, number>; underWay: number; streams: number };
}

/** Who is called by an address that needs no token. */
export const NOBODY: Principal = { id: 'nobody', rights: [] };
const PREFLIGHT_S = 600;

export function createGuard(options: GuardOptions): Guard {
  const { clock, isOpen = () => false } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const names = createNames(options);
  const admission = createAdmission(clock, limits);
  const refused = new Map<FaultCode, number>();

  const middleware: MiddlewareHandler<GuardEnv> = async (c, next) => {
    const origin = c.req.header('origin');
    let release: (() => void) | undefined;
    try {
      names.check(c.req.header('host') ?? new URL(c.req.url).host, origin);
      if (origin !== undefined && c.req.method === 'OPTIONS' && names.isAllowedOrigin(origin))
        return preflight(origin, c.req.header('access-control-request-headers'));
      refuseTokenInUrl(new URL(c.req.url));
      const address = c.env?.incoming?.socket.remoteAddress ?? 'local';
      admission.fromAddress(address);
      const principal = await judge(c, address);
      if (principal !== NOBODY) admission.ofPrincipal(principal);
      release = admission.enter(principal);
      c.set('principal', principal);
      await bound(c);
      await next();
    } catch (thrown) {
      c.res = refusal(toFault(thrown, 'internal'), c);
    } finally {
      release?.();
    }
    c.res.headers.set('x-content-type-options', 'nosniff');
    if (origin !== undefined && names.isAllowedOrigin(origin)) allow(c.res.headers, origin);
  };

  async function judge(c: Context<GuardEnv>, address: string): Promise<Principal> {
    if (isOpen({ method: c.req.method, path: c.req.path })) return NOBODY;
    const { tokens } = options;
    const audience = typeof options.audience === 'function' ? options.audience(c.req.path) : options.audience;
    try {
      return (await judgeBearer(c.req.header('authorization'), { tokens, audience, clock })).principal;
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'token.refused') admission.tokenRefused(address);
      throw thrown;
    }
  }

  /** Reads the body within its limits, and puts it back for whoever parses it. */
  async function bound(c: Context<GuardEnv>): Promise<void> {
    const { raw } = c.req;
    if (raw.method === 'GET' || raw.method === 'HEAD' || raw.body === null) return;
    const body = await readBody(raw, limits.bodyBytes);
    if (/\bjson\b/i.test(c.req.header('content-type') ?? '')) checkDepth(body, limits.jsonDepth);
    c.req.raw = new Request(raw.url, { method: raw.method, headers: raw.headers, body, signal: raw.signal });
  }

  function refusal(fault: Fault, c: Context): Response {
    refused.set(fault.code, (refused.get(fault.code) ?? 0) + 1);
    const headers: Record<string, string> = {};
    if (fault.code === 'token.missing' || fault.code === 'token.refused')
      headers['www-authenticate'] = challengeOf(fault, options.challenge?.(c));
    const response = options.refuse?.(fault, c) ?? problemResponse(fault);
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }

  return {
    middleware,
    limits,
    admission,
    openStream: (principal) => admission.openStream(principal),
    counts: () => {
      const { requests: underWay, streams } = admission.underWay();
      return { refused, underWay, streams };
    },
  };
}

/** Throws `rights.missing` unless the principal has one of these rights. */
export function requireRight(principal: Principal, ...oneOf: [string, ...string[]]): void {
  if (oneOf.some((right) => hasRight(principal, right))) return;
  throw new Fault('rights.missing', `'${principal.id}' lacks the right ${oneOf.map((r) => `'${r}'`).join(' or ')}`, {
    detail: { rights: oneOf },
  });
}

/** RFC 6750: a token that was sent and refused is told so; one that is missing is only asked for. */
function challengeOf(fault: Fault, more: Record<string, string> = {}): string {
  const parts = { realm: 'skein', ...(fault.code === 'token.refused' ? { error: 'invalid_token' } : {}), ...more };
  const text = Object.entries(parts).map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '')}"`);
  return `Bearer ${text.join(', ')}`;
}

function preflight(origin: string, wanted: string | undefined): Response {
  const headers = new Headers({ 'access-control-max-age': String(PREFLIGHT_S) });
  allow(headers, origin);
  headers.set('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  if (wanted !== undefined && /^[\w, -]*$/.test(wanted)) headers.set('access-control-allow-headers', wanted);
  return new Response(null, { status: 204, headers });
}

function allow(headers: Headers, origin: string): void {
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', 'Location, Retry-After, WWW-Authenticate, Mcp-Session-Id');
  headers.append('vary', 'Origin');
}
