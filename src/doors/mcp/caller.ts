/** Who calls: the principal that the guard found, carried through the library without any token. */
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Principal } from '../../model/index.ts';

/** What the library hands on to handlers. The bearer's token stays in the guard: nothing behind it may pass it on. */
export function authOf(principal: Principal): AuthInfo {
  return { token: '', clientId: principal.id, scopes: principal.rights, extra: { principal } };
}

export function principalOf(auth: AuthInfo | undefined): Principal | undefined {
  return auth?.extra?.['principal'] as Principal | undefined;
}
