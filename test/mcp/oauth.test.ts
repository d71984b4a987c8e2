// The door as a resource server: an official client finds the authorization server by the refusal, and is let in by a
// token that was signed there for this door.
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import {
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { afterEach, expect, test } from 'vitest';
import { createIssuer, createToken } from '../../src/doors/guard/index.ts';
import { createHttpDoor } from '../../src/doors/http/index.ts';
import { createMcpDoor, METADATA_PATH, resourceChallenge, resourceMetadata } from '../../src/doors/mcp/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { openSite } from '../../src/site/site.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

async function keyServer(): Promise<string> {
  const keys = [Object.assign(publicKey.export({ format: 'jwk' }), { kid: 'one', alg: 'EdDSA' })];
  const server = createServer((_, response) => response.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function tokenFor(issuer: string, audience: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: issuer,
    sub: 'ann',
    aud: audience,
    exp: Math.floor(Date.now() / 1000) + 60,
    scope: 'agent:read',
  };
  const text = `${part({ alg: 'EdDSA', kid: 'one', typ: 'at+jwt' })}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
}

test('a host finds whom to ask, and a token for another door does not open this one', async () => {
  const issuer = await keyServer();
  const site = await openSite();
  open.push(() => site.stop());
  const door = await createMcpDoor({ site });
  const publicUrl = 'https://site.example';
  const resource = { url: `${publicUrl}/mcp`, issuer, scopes: ['agent:read'] };
  const http = await createHttpDoor(site, {
    publicUrl,
    tokens: createIssuer({ issuer, jwks: `${issuer}/keys`, scopes: resource.scopes, clock: realClock }),
    mounts: [
      { path: '/mcp', audience: 'mcp', app: door.app, challenge: () => resourceChallenge(resource) },
      { path: METADATA_PATH, audience: 'mcp', app: resourceMetadata(resource), isOpen: () => true },
    ],
  });
  const listening = await http.listen();
  open.push(() => listening.close());
  const url = `${listening.url}/mcp`;
  const refused = await fetch(url, { method: 'POST' });
  expect(refused.status).toBe(401);
  const { resourceMetadataUrl } = extractWWWAuthenticateParams(refused);
  expect(String(resourceMetadataUrl)).toBe(`${publicUrl}${METADATA_PATH}/mcp`);
  const found = await discoverOAuthProtectedResourceMetadata(url, {
    resourceMetadataUrl: `${listening.url}${METADATA_PATH}/mcp`,
  });
  expect(found).toMatchObject({ resource: resource.url, authorization_servers: [issuer] });
  const connect = async (token: string): Promise<Client> => {
    const client = new Client({ name: 'host', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    open.push(() => client.close());
    return client;
  };
  const client = await connect(tokenFor(issuer, resource.url));
  const agents = await client.callTool({ name: 'search_agents', arguments: {} });
  expect(agents.isError).toBeUndefined();
  // It may look for agents, and start nothing.
  const started = await client.callTool({ name: 'run_workflow', arguments: { workflow: 'any' } });
  expect(started.structuredContent).toMatchObject({ fault: { code: 'rights.missing' } });
  await expect(connect(tokenFor(issuer, `${publicUrl}/a2a`))).rejects.toThrow();
  await expect(connect(createToken())).rejects.toThrow();
});
