/** The door as a resource of an authorization server (RFC 9728): where a host learns whom to ask for a token. */
import { Hono } from 'hono';
import type { GuardEnv } from '../guard/index.ts';

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

export interface Resource {
  /** Its own address: what a token's audience must be. */
  url: string;
  issuer: string;
  scopes: readonly string[];
}

/** Mounted at METADATA_PATH, open to all: it says nothing that a refusal would not. */
export function resourceMetadata({ url, issuer, scopes }: Resource): Hono<GuardEnv> {
  const { pathname } = new URL(url);
  const app = new Hono<GuardEnv>();
  app.get(pathname, (c) =>
    c.json({
      resource: url,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      resource_name: 'Skein',
    }),
  );
  return app;
}

/** What the door's WWW-Authenticate says besides. */
export function resourceChallenge({ url }: Resource): Record<string, string> {
  const { origin, pathname } = new URL(url);
  return { resource_metadata: `${origin}${METADATA_PATH}${pathname}` };
}
