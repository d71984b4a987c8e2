/**
 * One address for both wire revisions: 2026-07-28, where every request stands alone, and 2025, with sessions.
 * Which one a request speaks is read off the request itself, by the library's own rule.
 */
import type { McpServer } from '@modelcontextprotocol/server';
import type { Clock } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import { authOf, principalOf } from './caller.ts';
import type { Endpoint } from './face.ts';
import { loadLibrary, type McpLibrary } from './library.ts';
import { createSessions } from './sessions.ts';

export type Revision = '2025' | '2026';

export interface EndpointOptions {
  clock: Clock;
  /** A server for one request (2026) or one session (2025) of this principal. */
  createServer(principal: Principal, revision: Revision, library: McpLibrary): McpServer | Promise<McpServer>;
  onError?: (error: Error) => void;
}

const NOBODY: Principal = { id: 'nobody', rights: [] };

export async function createEndpoint({ clock, createServer, onError }: EndpointOptions): Promise<Endpoint> {
  const library = await loadLibrary();
  const modern = library.createMcpHandler(
    (context) => createServer(principalOf(context.authInfo) ?? NOBODY, '2026', library),
    { legacy: 'reject', onerror: onError },
  );
  const sessions = createSessions({
    library,
    clock,
    createServer: (principal) => createServer(principal, '2025', library),
  });
  return {
    async fetch(request, principal) {
      if (await library.isLegacyRequest(request)) return sessions.fetch(request, principal);
      return modern.fetch(request, { authInfo: authOf(principal) });
    },
    notify: modern.notify,
    get sessions() {
      return sessions.count;
    },
    async close() {
      await modern.close();
      await sessions.close();
    },
  };
}
