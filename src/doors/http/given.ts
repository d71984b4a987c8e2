/** What a handler gets of a request that was checked, and what it may answer with. */
import type { Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { AnswersOf, CallName, CheckedInput } from '../../model/wire/index.ts';
import type { Site } from '../../site/site.ts';
import type { Guard } from '../guard/index.ts';
import type { Metrics } from './metrics.ts';

export interface Given<K extends CallName> extends CheckedInput<K> {
  by: Principal;
  /** The request's Idempotency-Key, made this caller's own. */
  key?: string;
  /** The request's header of this name. */
  header(name: string): string | undefined;
  /** Aborted when the caller has gone. */
  signal: AbortSignal;
}

/** A status of the call with its body; or, for streams and texts, the response itself. */
export type Reply<K extends CallName> =
  | { [S in keyof AnswersOf<K> & number]: { status: S; body: AnswersOf<K>[S]; location?: string } }[keyof AnswersOf<K> &
      number]
  | Response;

export type Handlers<K extends CallName = CallName> = {
  [N in K]: (given: Given<N>) => Reply<N> | Promise<Reply<N>>;
};

/** What the handlers stand on. */
export interface Desk {
  site: Site;
  guard: Guard;
  metrics: Metrics;
  /** What went wrong here and is not the caller's doing. */
  onTrouble(fault: Fault): void;
}
