/**
 * Bulkheads: an agent has so many places, and takes so many calls a minute. Who comes when all are taken waits in a bounded
 * line of that agent alone.
 *
 * B1  A call counts for its minute when it goes out, not while it waits.
 * B2  Nobody waits for long until a minute is over: the call's own time runs, and somebody else may be free.
 */
import type { Clock } from '../../base/index.ts';
import type { Agent, AgentLimits } from '../../ports/agent/index.ts';

export interface Entrance {
  agent: string;
  limits: AgentLimits;
  /** It waits no longer than this until a minute is over. */
  patienceMs: number;
  /** False: it was not called after all, and does not count for the minute. */
  go(): boolean;
}

/** It is in or in the line, which `leave` ends; or it may not wait: the line is full, or the minute is over only then. */
export type Entered = { leave(): void } | { full: true } | { afterMs: number };

export interface Bulkheads {
  /** Calls `go` now, or when there is a place. */
  enter(entrance: Entrance): Entered;
  /** Whoever comes now has to wait. */
  isFull(agent: Pick<Agent, 'name' | 'limits'>): boolean;
}

/** Calls that wait for one agent. More is not patience but a queue that hides a failure. */
export const MAX_WAITING = 1_000;
/** B2. */
export const MAX_PATIENCE_MS = 5_000;
const MINUTE_MS = 60_000;

interface Room {
  limits: AgentLimits;
  taken: number;
  waiting: Set<() => boolean>;
  /** When the calls of the last minute went out, oldest first; no more than the limit are kept. */
  outMs: number[];
  letting: boolean;
  stopTimer?: () => void;
}

export function createBulkheads(clock: Pick<Clock, 'monotonicMs' | 'after'>): Bulkheads {
  const rooms = new Map<string, Room>();

  function roomOf(agent: string, limits: AgentLimits): Room {
    let room = rooms.get(agent);
    if (room === undefined)
      rooms.set(agent, (room = { limits, taken: 0, waiting: new Set(), outMs: [], letting: false }));
    room.limits = limits;
    return room;
  }

  /** How long until the minute has room for one more, after so many who wait. */
  function minuteMs({ limits: { perMinute }, outMs }: Room, ahead: number): number {
    if (perMinute === undefined) return 0;
    const nowMs = clock.monotonicMs();
    while (outMs.length > perMinute || (outMs.length > 0 && nowMs - outMs[0]! >= MINUTE_MS)) outMs.shift();
    // Each takes the place of who went out a minute before it.
    const at = outMs.length + ahead;
    const minutes = Math.floor(at / perMinute) * MINUTE_MS;
    return minutes === 0 ? 0 : (outMs[at % perMinute] ?? nowMs) + minutes - nowMs;
  }

  function letIn(agent: string, room: Room): void {
    // Who is let in may leave at once: the loop that is under way goes on to the next.
    if (room.letting) return;
    room.letting = true;
    room.stopTimer?.();
    room.stopTimer = undefined;
    for (const next of room.waiting) {
      if (room.taken >= (room.limits.atOnce ?? Infinity)) break;
      const waitMs = minuteMs(room, 0);
      if (waitMs > 0) {
        room.stopTimer = clock.after(Math.ceil(waitMs), () => letIn(agent, room));
        break;
      }
      room.waiting.delete(next);
      room.taken++;
      if (next() && room.limits.perMinute !== undefined) room.outMs.push(clock.monotonicMs());
    }
    room.letting = false;
    if (room.taken === 0 && room.waiting.size === 0 && room.outMs.length === 0) rooms.delete(agent);
  }

  return {
    enter({ agent, limits, patienceMs, go }) {
      const room = roomOf(agent, limits);
      const waitMs = minuteMs(room, room.waiting.size);
      if (waitMs > Math.min(patienceMs, MAX_PATIENCE_MS)) return { afterMs: Math.ceil(waitMs) };
      if (room.waiting.size >= MAX_WAITING) return { full: true };
      let isIn = false;
      let left = false;
      const come = (): boolean => {
        isIn = true;
        return go();
      };
      room.waiting.add(come);
      letIn(agent, room);
      return {
        leave() {
          if (left) return;
          left = true;
          if (isIn) room.taken--;
          else room.waiting.delete(come);
          letIn(agent, room);
        },
      };
    },
    isFull({ name, limits }) {
      const room = limits === undefined ? undefined : rooms.get(name);
      if (room === undefined) return false;
      room.limits = limits!;
      return room.taken >= (limits!.atOnce ?? Infinity) || minuteMs(room, room.waiting.size) > 0;
    },
  };
}
