/** One call, whatever it came over: who calls, in which version, with which extensions, and what it may hold open. */
import type { ServerCallContext } from '@a2a-js/sdk/server';
import type { Principal } from '../../model/index.ts';
import type { Cards } from './card.ts';
import { CALLER, TRACE } from './handler.ts';
import type { A2aLibrary } from './library.ts';

export interface CallFacts {
  by: Principal;
  version: string | undefined;
  extensions: string | undefined;
  tenant?: string;
  /** Of the caller's trace: what is begun stands under it. */
  traceparent?: string;
}

/** Throws where the version is not spoken over this binding. */
export async function openCall(
  { types, server }: A2aLibrary,
  cards: Cards,
  binding: string,
  { by, version, extensions, tenant, traceparent }: CallFacts,
): Promise<ServerCallContext> {
  const context = new server.ServerCallContext({
    requestedExtensions: types.Extensions.parseServiceParameter(extensions),
    requestedVersion: version,
    tenant: tenant || undefined,
    user: { isAuthenticated: true, userName: by.id },
    state: new Map<string, unknown>([
      [CALLER, by],
      [TRACE, traceparent],
    ]),
  });
  server.validateVersion(context.requestedVersion, await cards.card(''), binding);
  return context;
}

export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const media = contentType.split(';', 1)[0]!.trim().toLowerCase();
  return media === 'application/json' || media === 'application/a2a+json';
}
