/** The pulse of a site: what its worker decides and what its commits take, for whoever keeps figures. */
import type { Clock } from '../base/index.ts';
import { decide } from '../flow/index.ts';
import type { Event } from '../model/index.ts';
import type { Membership } from '../ports/store/index.ts';

export interface Beat {
  /** What one input brought about. It is on its way to the disk. */
  decided?(events: readonly Event[]): void;
  /** A group commit has ended. */
  committed?(commit: Commit): void;
}

export interface Commit {
  tookMs: number;
  /** Runs in it, and those of them that lost to another worker. */
  appends: number;
  lost: number;
  barrier: boolean;
  /** The store threw. */
  failed: boolean;
}

export interface Pulse {
  on(beat: Beat): () => void;
}

type Decide = typeof decide;

export interface FeltPulse extends Pulse {
  /** The same decisions, told. */
  decide(how?: Decide): Decide;
  /** The same membership, its commits timed. */
  member(membership: Membership): Membership;
}

export function createPulse(clock: Clock): FeltPulse {
  const beats = new Set<Beat>();

  return {
    on(beat) {
      beats.add(beat);
      return () => beats.delete(beat);
    },
    decide(how = decide) {
      return (state, input, at) => {
        const decision = how(state, input, at);
        if (beats.size > 0 && decision.events.length > 0) for (const beat of beats) beat.decided?.(decision.events);
        return decision;
      };
    },
    member(membership) {
      return {
        ...bound(membership),
        commit: (appends, barrier) =>
          beats.size === 0 ? membership.commit(appends, barrier) : timed(membership, appends, barrier),
      };
    },
  };

  async function timed(...[membership, appends, barrier]: [Membership, ...Parameters<Membership['commit']>]) {
    const startedMs = clock.monotonicMs();
    const commit: Commit = { tookMs: 0, appends: appends.length, lost: 0, barrier, failed: true };
    try {
      const results = await membership.commit(appends, barrier);
      commit.failed = false;
      for (const result of results) if (!result.ok) commit.lost++;
      return results;
    } finally {
      commit.tookMs = clock.monotonicMs() - startedMs;
      for (const beat of beats) beat.committed?.(commit);
    }
  }
}

/** Stores may keep what they need in `this`. */
function bound(membership: Membership): Membership {
  return {
    worker: membership.worker,
    commit: (appends, barrier) => membership.commit(appends, barrier),
    claim: (request) => membership.claim(request),
    due: (nowMs, limit) => membership.due(nowMs, limit),
    nextDueMs: () => membership.nextDueMs(),
    watch: (call) => membership.watch(call),
    leave: () => membership.leave(),
  };
}
