/** Tokens: 256 bits that say who calls. They are compared by hash, all of them each time. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../model/index.ts';

/** What a token lets its bearer be. */
export interface Grant {
  principal: Principal;
  /** The doors that it is for (a door's name or address); absent = every door of this site. */
  audience?: readonly string[];
  /** It ends then (ms since 1970). */
  untilMs?: number;
}

/** Where tokens are known: a file, a list, an issuer of signed ones. */
export interface TokenSource {
  find(token: string): Grant | undefined | Promise<Grant | undefined>;
}

export interface GivenToken extends Grant {
  token: string;
}

/** Marks our tokens, so that scanners for secrets and our own logs can tell one. */
export const TOKEN_PREFIX = 'skn_';
const TOKEN_BYTES = 32;

export function createToken(): string {
  return TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export interface KnownToken extends Grant {
  hash: Buffer;
}

/** Looks at every one, found or not: how long it takes says nothing of what is known. */
export function findToken(known: readonly KnownToken[], token: string): KnownToken | undefined {
  const hash = hashToken(token);
  let found: KnownToken | undefined;
  for (const one of known) if (timingSafeEqual(one.hash, hash)) found = one;
  return found;
}

export function tokenList(given: readonly GivenToken[]): TokenSource {
  const known = given.map((one): KnownToken => ({ ...one, hash: hashToken(one.token) }));
  return { find: (token) => findToken(known, token) };
}

/** The first of several that knows it. */
export function anyOf(sources: readonly TokenSource[]): TokenSource {
  return {
    async find(token) {
      for (const source of sources) {
        const grant = await source.find(token);
        if (grant !== undefined) return grant;
      }
      return undefined;
    },
  };
}

/** A text with every token of ours made unreadable: for logs and errors. */
export function hideTokens(text: string): string {
  return text.replaceAll(/skn_[\w-]{8,}/g, `${TOKEN_PREFIX}…`);
}
