/**
 * OAuth for an agent: discovery, registration, PKCE, refresh and step-up are the library's; this keeps what it has to
 * remember, in memory, and sends somebody to the authorization page.
 *
 * What was learned of an authorization server holds from the redirect to the token it was for, no longer: a server
 * that moves to another is met there, and credentials of the one are never shown to the other.
 */
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
  let expected: string | undefined;
  let answer: Promise<URLSearchParams> | undefined;

  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { client_name: clientName, redirect_uris: [redirectUrl] },
    clientMetadataUrl,
    state() {
      expected = crypto.randomUUID();
      return expected;
    },
    clientInformation: () => client,
    saveClientInformation(given) {
      client = given;
    },
    tokens: () => tokens,
    saveTokens(given) {
      tokens = given;
      discovery = undefined;
    },
    redirectToAuthorization(page) {
      answer = authorize(page);
      // It is awaited when the library says that it waits for it.
      answer.catch(() => {});
    },
    saveCodeVerifier(given) {
      verifier = given;
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
      const given = await answer;
      answer = undefined;
      if (given === undefined) throw new Fault('agent.refused', `nobody was sent to an authorization page`);
      // Somebody else's answer, smuggled in (RFC 6749, section 10.12).
      if (given.get('state') !== expected)
        throw new Fault('agent.refused', 'the authorization page answered another question than ours');
      return given;
    },
  };
}
