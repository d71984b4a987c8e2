/**
 * Tokens of somebody else's making: signed ones (JWT) of an authorization server that the configuration names. This
 * site is a resource server (RFC 9728, RFC 9068): it verifies, and makes no such tokens itself.
 *
 * I1  The signature is by a key of the issuer's list, by an asymmetric algorithm that the key is for.
 * I2  Issuer, end and audience must be there, the audience as addresses; which door it opens is the guard's to judge.
 * I3  The scopes are the principal's rights, as far as the configuration lets this issuer give them.
 * I4  The list of keys is fetched when a key is unknown, not more often than REFRESH_MS, and is bounded.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Clock, Fault } from '../../base/index.ts';
import { hasRight } from '../../model/index.ts';
import type { Grant, TokenSource } from './tokens.ts';

export interface IssuerOptions {
  issuer: string;
  /** Where its public keys are (a JWK set). */
  jwks: string;
  /** The most that its tokens may give: names of rights, `gate:*` for all that start so. */
  scopes: readonly string[];
  clock: Clock;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** An unknown key is looked up again only after this long: a stranger's token must not make us a caller. */
const REFRESH_MS = 60_000;
const FETCH_MS = 5_000;
const MAX_SET_CHARS = 256_000;
const MAX_KEYS = 64;
const MAX_TOKEN_CHARS = 16_384;
/** Clocks differ a little. */
const SKEW_MS = 30_000;

interface Known {
  key: KeyObject;
  alg: string | undefined;
}

const HASHES: Record<string, string> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };
const TYPES: Record<string, string> = { RS: 'rsa', PS: 'rsa', ES: 'ec' };

export function createIssuer({ issuer, jwks, scopes, clock, fetch = globalThis.fetch }: IssuerOptions): TokenSource {
  let keys = new Map<string, Known>();
  let lookedMs = -Infinity;
  let looking: Promise<void> | undefined;
  const giver = { id: issuer, rights: [...scopes] };

  async function look(): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (looking === undefined && nowMs - lookedMs < REFRESH_MS) return;
    looking ??= refresh().finally(() => (looking = undefined));
    await looking;
  }

  async function refresh(): Promise<void> {
    lookedMs = clock.monotonicMs();
    try {
      const response = await fetch(jwks, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
      const text = await response.text();
      if (!response.ok || text.length > MAX_SET_CHARS) throw new Error(`status ${response.status}`);
      keys = readKeys(text);
    } catch (cause) {
      // Those that are known stay known.
      if (keys.size === 0) throw new Fault('token.refused', 'the keys of its issuer cannot be fetched now', { cause });
    }
  }

  return {
    async find(token) {
      const parts = readToken(token);
      if (parts === undefined || parts.claims['iss'] !== issuer) return undefined;
      const { kid, alg } = parts.header;
      if (typeof kid !== 'string' || typeof alg !== 'string') return undefined;
      if (!keys.has(kid)) await look();
      const known = keys.get(kid);
      if (known === undefined || (known.alg !== undefined && known.alg !== alg)) return undefined;
      if (!isSigned(parts, alg, known.key)) return undefined;
      return grantOf(parts.claims);
    },
  };

  function grantOf(claims: Record<string, unknown>): Grant | undefined {
    const { sub, aud, exp, nbf, scope } = claims;
    const audience = (Array.isArray(aud) ? aud : [aud]).filter(
      (one): one is string => typeof one === 'string' && URL.canParse(one),
    );
    const nowMs = clock.nowMs();
    if (typeof sub !== 'string' || sub === '' || audience.length === 0 || typeof exp !== 'number') return undefined;
    if (exp * 1000 + SKEW_MS <= nowMs || (typeof nbf === 'number' && nbf * 1000 - SKEW_MS > nowMs)) return undefined;
    const wanted = typeof scope === 'string' ? scope.split(' ') : [];
    // Nobody outside names the operator: the issuer's name is a part of whoever it knows.
    return {
      principal: { id: `${issuer}#${sub}`, rights: wanted.filter((right) => right !== '' && hasRight(giver, right)) },
      audience,
      untilMs: exp * 1000 + SKEW_MS,
    };
  }
}

interface Parts {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  signed: Buffer;
  signature: Buffer;
}

function readToken(token: string): Parts | undefined {
  const [head, body, signature, ...more] = token.split('.');
  if (token.length > MAX_TOKEN_CHARS || !head || !body || !signature || more.length > 0) return undefined;
  const header = readPart(head);
  const claims = readPart(body);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: Buffer.from(`${head}.${body}`), signature: Buffer.from(signature, 'base64url') };
}

function readPart(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** I1: `none` and the symmetric ones are not in here. */
function isSigned({ signed, signature }: Parts, alg: string, key: KeyObject): boolean {
  try {
    if (alg === 'EdDSA') return key.asymmetricKeyType === 'ed25519' && verify(null, signed, key, signature);
    const hash = HASHES[alg.slice(2)];
    const kind = alg.slice(0, 2);
    if (hash === undefined || TYPES[kind] !== key.asymmetricKeyType) return false;
    if (kind === 'ES') return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    // 6: RSA_PKCS1_PSS_PADDING; -1: a salt as long as the hash.
    return verify(hash, signed, kind === 'PS' ? { key, padding: 6, saltLength: -1 } : key, signature);
  } catch {
    return false;
  }
}

function readKeys(text: string): Map<string, Known> {
  const set = JSON.parse(text) as { keys?: { kid?: string; alg?: string; use?: string; kty?: string }[] };
  const keys = new Map<string, Known>();
  for (const jwk of (set.keys ?? []).slice(0, MAX_KEYS)) {
    if (typeof jwk.kid !== 'string' || (jwk.use !== undefined && jwk.use !== 'sig') || jwk.kty === 'oct') continue;
    try {
      keys.set(jwk.kid, { key: createPublicKey({ key: jwk, format: 'jwk' }), alg: jwk.alg });
    } catch {
      // One that we cannot read signs nothing for us.
    }
  }
  return keys;
}
