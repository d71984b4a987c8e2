/** Plan, for workflows as data: what can be asked next in a scope. */
import type { Deciding } from '../../model/index.ts';

export function advance(d: Deciding, _scope: string): void {
  if (d.state.plan === undefined) return;
}
