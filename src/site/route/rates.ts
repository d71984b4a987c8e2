/** Which agents take no more calls now: as many as they allow are out, or were begun within the last minute. */
import type { Clock } from '../../base/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import type { AgentBook } from '../agents.ts';
import type { Facts } from '../facts/index.ts';

const MINUTE_MS = 60_000;

export interface Rates {
  isFull(agent: Agent): boolean;
}

export function createRates(agents: AgentBook, facts: Facts, clock: Clock): Rates {
  const begun = new Map<string, number[]>();
  facts.on({
    begun(agent) {
      const perMinute = agents.get(agent)?.limits?.perMinute;
      if (perMinute === undefined) return;
      const times = begun.get(agent) ?? [];
      times.push(clock.monotonicMs());
      // More than the limit need not be remembered.
      if (times.length > perMinute) times.shift();
      begun.set(agent, times);
    },
  });
  return {
    isFull({ name, limits }) {
      if (limits === undefined) return false;
      if (limits.atOnce !== undefined && facts.load(name) >= limits.atOnce) return true;
      if (limits.perMinute === undefined) return false;
      const times = begun.get(name) ?? [];
      return times.length >= limits.perMinute && clock.monotonicMs() - times[0]! < MINUTE_MS;
    },
  };
}
