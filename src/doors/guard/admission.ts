/** How often callers come and how much of theirs is under way: counted once for all bindings of a site's doors. */
import { type Clock, Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import type { Limits } from './limits.ts';
import { createPlaces } from './places.ts';
import { createRate } from './rate.ts';

export interface Admission {
  /** Before anything is known of who calls. Throws `rate.exceeded`. */
  fromAddress(address: string): void;
  /** A token was refused: who tries many is slowed down. Throws `rate.exceeded`. */
  tokenRefused(address: string): void;
  /** Throws `rate.exceeded`. */
  ofPrincipal(principal: Principal): void;
  /** A call's place, and a stream's; given back by the function returned. Throws `overloaded` when none is free. */
  enter(principal: Principal): () => void;
  openStream(principal: Principal): () => void;
  underWay(): { requests: number; streams: number };
}

const BUSY_MS = 1_000;

export function createAdmission(clock: Clock, limits: Limits): Admission {
  const perPrincipal = createRate(clock, limits.principalPerSecond, limits.principalBurst);
  const perAddress = createRate(clock, limits.addressPerSecond, limits.addressBurst);
  const perRefused = createRate(clock, limits.refusedPerSecond, limits.refusedBurst);
  const requests = createPlaces(limits.principalAtOnce, limits.atOnce);
  const streams = createPlaces(limits.principalStreams, limits.streams);

  return {
    fromAddress: (address) => slowDown(perAddress.take(address), 'this address'),
    tokenRefused: (address) => slowDown(perRefused.take(address), 'refused tokens from this address'),
    ofPrincipal: ({ id }) => slowDown(perPrincipal.take(id), `'${id}'`),
    enter: ({ id }) => requests.take(id) ?? busy('too many requests are under way'),
    openStream: ({ id }) => streams.take(id) ?? busy('too many streams are open'),
    underWay: () => ({ requests: requests.taken, streams: streams.taken }),
  };
}

function slowDown(afterMs: number, who: string): void {
  if (afterMs === 0) return;
  throw new Fault('rate.exceeded', `${who} called too often`, { afterMs });
}

function busy(why: string): never {
  throw new Fault('overloaded', why, { afterMs: BUSY_MS });
}
