/**
 * OAuth for an agent: discovery, registration, PKCE, refresh and step-up are the library's; this keeps what it has to
 * remember, in memory, and sends somebody to the authorization page.
 *
 * What was learned of an authorization server holds from the redirect to the token it was for, no longer: a server
 * that moves to another is met there, and credentials of the one are never shown to the other.
 *
 * Several calls may be sent to the page at one time. Each page has its own verifier, state and client, and the answer
 * that is taken goes back with those of its page.
 */
import { createHash } from 'node:crypto';
import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { Fault } from '../../../base/index.ts';
import type { McpAuth } from './options.ts';

export interface OAuthOptions {
  clientName: string;
  /** Where the authorization page sends its answer. */
  redirectUrl: string;
  /** Sends somebody to the page, and gives what came back to `redirectUrl`. */
  authorize(page: URL): Promise<URLSearchParams>;
  /** A client that is registered there already. */
  client?: { clientId: string; clientSecret?: string };
  /** The address of a document that describes this client, for servers that take that for registration. */
  clientMetadataUrl?: string;
}

export function oauthByPage(options: OAuthOptions): McpAuth {
  const { clientName, redirectUrl, authorize, clientMetadataUrl } = options;
  let client: StoredOAuthClientInformation | undefined;
  if (options.client !== undefined)
    client = { client_id: options.client.clientId, client_secret: options.client.clientSecret };
  let tokens: StoredOAuthTokens | undefined;
  let verifier: string | undefined;
  let discovery: OAuthDiscoveryState | undefined;
  let sent: Sent | undefined;
  /** By their challenge: which page each is for shows when it is called. */
  const verifiers = new Map<string, string>();
  const clients = new Map<string, StoredOAuthClientInformation>();

  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { client_name: clientName, redirect_uris: [redirectUrl] },
    clientMetadataUrl,
    state: () => crypto.randomUUID(),
    clientInformation: () => client,
    saveClientInformation(given) {
      client = given;
      keep(clients, given.client_id, given);
    },
    tokens: () => tokens,
    saveTokens(given) {
      tokens = given;
      discovery = undefined;
    },
    redirectToAuthorization(page) {
      const answer = authorize(page);
      // It is awaited when the library says that it waits for it.
      answer.catch(() => {});
      sent = { page, answer };
    },
    saveCodeVerifier(given) {
      verifier = given;
      keep(verifiers, createHash('sha256').update(given).digest('base64url'), given);
    },
    codeVerifier: () => verifier ?? '',
    saveDiscoveryState(given) {
      discovery = given;
    },
    discoveryState: () => discovery,
    invalidateCredentials(scope) {
      if (scope === 'all' || scope === 'client') client = undefined;
      if (scope === 'all' || scope === 'tokens') tokens = undefined;
      if (scope === 'all' || scope === 'verifier') verifier = undefined;
      if (scope === 'all' || scope === 'discovery') discovery = undefined;
    },
  };

  return {
    provider,
    async callback() {
      if (sent === undefined) throw new Fault('agent.refused', `nobody was sent to an authorization page`);
      const { page, answer } = sent;
      sent = undefined;
      const given = await answer;
      const asked = page.searchParams;
      // Somebody else's answer, smuggled in (RFC 6749, section 10.12).
      if (given.get('state') !== asked.get('state'))
        throw new Fault('agent.refused', 'the authorization page answered another question than ours');
      verifier = verifiers.get(asked.get('code_challenge') ?? '');
      client = clients.get(asked.get('client_id') ?? '') ?? client;
      return given;
    },
  };
}

interface Sent {
  page: URL;
  answer: Promise<URLSearchParams>;
}

/** So many pages may be open at one time; older ones are forgotten. */
const MAX_PAGES = 32;

function keep<V>(all: Map<string, V>, key: string, value: V): void {
  all.set(key, value);
  for (const old of all.keys()) {
    if (all.size <= MAX_PAGES) return;
    all.delete(old);
  }
}
