import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../base/index.ts';
import { realClock } from '../../site/clock.ts';
import { judgeBearer } from './bearer.ts';
import { createIssuer } from './issuer.ts';

const issuer = 'https://login.example';
const door = 'https://site.example/mcp';
const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
type Alg = keyof typeof pairs;
const set = {
  keys: Object.entries(pairs).map(([kid, { publicKey }]) =>
    Object.assign(publicKey.export({ format: 'jwk' }), { kid, alg: kid }),
  ),
};

let fetched = 0;
const source = createIssuer({
  issuer,
  jwks: 'https://login.example/keys',
  scopes: ['run:start', 'gate:*'],
  clock: realClock,
  fetch: async () => {
    fetched++;
    return Response.json(set);
  },
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(
  alg: Alg,
  claims: Record<string, unknown>,
  head: Record<string, unknown> = {},
  key?: KeyObject,
): string {
  const text = `${part({ alg, kid: alg, ...head })}.${part(claims)}`;
  const used = key ?? pairs[alg].privateKey;
  const bytes = Buffer.from(text);
  const signature =
    alg === 'EdDSA'
      ? sign(null, bytes, used)
      : sign('sha256', bytes, alg === 'ES256' ? { key: used, dsaEncoding: 'ieee-p1363' } : used);
  return `${text}.${signature.toString('base64url')}`;
}

const soon = (): number => Math.floor(Date.now() / 1000) + 600;
const good = (): Record<string, unknown> => ({
  iss: issuer,
  sub: 'ann',
  aud: door,
  exp: soon(),
  scope: 'run:start gate:pay payload:erase',
});
const judge = (token: string) =>
  judgeBearer(`Bearer ${token}`, { tokens: source, audience: ['mcp', door], clock: realClock });

test.each(Object.keys(pairs) as Alg[])(
  'a token signed with %s is taken, with no more rights than its issuer may give',
  async (alg) => {
    const { principal } = await judge(signed(alg, good()));
    expect(principal).toEqual({ id: `${issuer}#ann`, rights: ['run:start', 'gate:pay'] });
  },
);

test('whatever is not right about a token, it is refused', async () => {
  const other = generateKeyPairSync('ed25519').privateKey;
  const hmac = `${part({ alg: 'HS256', kid: 'RS256' })}.${part(good())}`;
  const pem = pairs.RS256.publicKey.export({ format: 'pem', type: 'spki' });
  const wrong: Record<string, string> = {
    'another issuer': signed('EdDSA', { ...good(), iss: 'https://evil.example' }),
    'another key': signed('EdDSA', good(), {}, other),
    'another algorithm than its key': signed('ES256', good(), { alg: 'RS256', kid: 'RS256' }),
    'no signature': `${part({ alg: 'none', kid: 'EdDSA' })}.${part(good())}.`,
    'a signature by the public key': `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`,
    'an unknown key': signed('EdDSA', good(), { kid: 'other' }),
    'another audience': signed('EdDSA', { ...good(), aud: 'https://other.example/mcp' }),
    'a door by its short name': signed('EdDSA', { ...good(), aud: 'mcp' }),
    'no audience': signed('EdDSA', { ...good(), aud: undefined }),
    'it has ended': signed('EdDSA', { ...good(), exp: soon() - 1_200 }),
    'it has no end': signed('EdDSA', { ...good(), exp: undefined }),
    'it is not yet': signed('EdDSA', { ...good(), nbf: soon() }),
    nobody: signed('EdDSA', { ...good(), sub: '' }),
    'changed after it was signed': signed('EdDSA', good()).replace(
      /\.[^.]+\./,
      `.${part({ ...good(), sub: 'operator' })}.`,
    ),
  };
  const came: Record<string, unknown> = {};
  for (const [why, token] of Object.entries(wrong))
    came[why] = await judge(token).catch((thrown: unknown) => (thrown as Fault).code);
  expect(came).toEqual(Object.fromEntries(Object.keys(wrong).map((why) => [why, 'token.refused'])));
  // A stranger's tokens do not make us a caller: one look at the keys for all of them.
  expect(fetched).toBeLessThanOrEqual(2);
});

test('any text is no token of anybody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.jsonValue(), fc.jsonValue()).map(([a, b]) => `${part(a)}.${part(b)}.x`),
      ),
      async (text) => {
        const grant = await Promise.resolve(source.find(text)).catch((thrown: unknown) => thrown);
        expect(grant === undefined || grant instanceof Fault).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
