/**
 * Keys stay where they are: whatever a provider says passes through here before anybody else sees it, for some
 * say the key back in their errors.
 */

export type Redact = (text: string) => string;

const HIDDEN = '[key]';
/** A shorter value would hide ordinary words. */
const SHORTEST = 6;
/** Also keys that are none of ours: some servers say in their errors what they were given, or what they use. */
const LOOKS_LIKE_A_KEY = /\b(?:sk|pk|rk|xai|gsk|AIza)[-_]?[A-Za-z0-9_*-]{12,}|\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/g;

export function createRedact(secrets: readonly (string | undefined)[]): Redact {
  const strict = createStrictRedact(secrets);
  return (text) => strict(text).replace(LOOKS_LIKE_A_KEY, HIDDEN);
}

/** For answers: only what is known to be a secret, for an answer may well speak of keys. */
export function createStrictRedact(secrets: readonly (string | undefined)[]): Redact {
  const known = [...new Set(secrets.filter((one) => one !== undefined && one.length >= SHORTEST) as string[])];
  // The longest first: one may hold another.
  known.sort((a, b) => b.length - a.length);
  return (text) => known.reduce((sum, one) => sum.replaceAll(one, HIDDEN), text);
}

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD/i;

/** Every value of the environment that is named like a secret. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>, names: readonly string[]): string[] {
  return Object.entries(env)
    .filter(([name, value]) => value !== undefined && value !== '' && (names.includes(name) || SECRET_NAME.test(name)))
    .map(([, value]) => value!);
}

/** Tokens that were used lately: a peer may say back one that has been renewed since. */
const REMEMBERED = 16;

export interface UsedTokens {
  add(token: string): void;
  /** What an HTTP request is authorized by. */
  addHeader(authorization: string | null | undefined): void;
  all(): readonly string[];
}

export function createUsedTokens(): UsedTokens {
  const used = new Set<string>();
  const add = (token: string): void => {
    used.delete(token);
    used.add(token);
    if (used.size > REMEMBERED) used.delete(used.values().next().value!);
  };
  return {
    add,
    addHeader(authorization) {
      const [scheme = '', value = ''] = authorization?.split(' ') ?? [];
      if (value === '') return;
      add(value);
      if (scheme.toLowerCase() !== 'basic') return;
      const text = Buffer.from(value, 'base64').toString();
      add(decoded(text.slice(text.indexOf(':') + 1)));
    },
    all: () => [...used],
  };
}

/** OAuth writes a client's secret as a form writes it (RFC 6749, 2.3.1). */
function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret.replaceAll('+', ' '));
  } catch {
    return secret;
  }
}
