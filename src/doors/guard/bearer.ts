/** Who calls: the bearer token of a request, judged. */
import { type Clock, errorText, Fault } from '../../base/index.ts';
import { type Grant, TOKEN_PREFIX, type TokenSource } from './tokens.ts';

/** Names of query members in which people put tokens. */
const TOKEN_NAMES = new Set(['token', 'access_token', 'api_key', 'apikey', 'auth', 'authorization', 'bearer']);

/** A token in an address ends up in logs, histories and referrers: it is refused wherever it stands. */
export function refuseTokenInUrl(url: URL): void {
  for (const [name, value] of url.searchParams)
    if (TOKEN_NAMES.has(name.toLowerCase()) || value.includes(TOKEN_PREFIX))
      throw new Fault('token.in-url', 'the address holds a token, and addresses are no place for secrets');
  if (url.pathname.includes(TOKEN_PREFIX))
    throw new Fault('token.in-url', 'the path holds a token, and addresses are no place for secrets');
}

/** Longer ones are no tokens (signed ones of issuers included), and are not hashed. */
const MAX_TOKEN_CHARS = 8_192;

export interface Judging {
  tokens: TokenSource;
  /** The names that this door goes by in audiences. */
  audience: readonly string[];
  clock: Clock;
}

export async function judgeBearer(header: string | undefined, { tokens, audience, clock }: Judging): Promise<Grant> {
  if (header === undefined) throw new Fault('token.missing', 'this door wants a bearer token');
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (token === undefined || token.length > MAX_TOKEN_CHARS)
    throw new Fault('token.refused', 'the Authorization header is not `Bearer TOKEN`');
  const grant = await find(tokens, token);
  if (grant === undefined) throw new Fault('token.refused', 'this token is not known here');
  if (grant.untilMs !== undefined && clock.nowMs() >= grant.untilMs)
    throw new Fault('token.refused', 'this token has ended');
  if (grant.audience !== undefined && !grant.audience.some((one) => audience.includes(one)))
    throw new Fault('token.refused', 'this token is for another door', { detail: { audience } });
  return grant;
}

async function find(tokens: TokenSource, token: string): Promise<Grant | undefined> {
  try {
    return await tokens.find(token);
  } catch (thrown) {
    throw new Fault('overloaded', `tokens cannot be judged now: ${errorText(thrown)}`, { retry: 'same' });
  }
}
