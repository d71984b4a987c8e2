/** Bulkheads: an agent has so many places; who comes when all are taken waits in a bounded line of that agent alone. */
export interface Bulkheads {
  /** Calls `go` now, or when a place is free. False: the line is full. The function given back leaves the line or the place. */
  enter(agent: string, places: number, go: () => void): (() => void) | false;
}

/** Calls that wait for one agent. More is not patience but a queue that hides a failure. */
export const MAX_WAITING = 1_000;

export function createBulkheads(): Bulkheads {
  const rooms = new Map<string, { taken: number; waiting: Set<() => void> }>();

  function leave(agent: string): void {
    const room = rooms.get(agent)!;
    room.taken--;
    for (const next of room.waiting) {
      room.waiting.delete(next);
      room.taken++;
      next();
      return;
    }
    if (room.taken === 0) rooms.delete(agent);
  }

  return {
    enter(agent, places, go) {
      const room = rooms.get(agent) ?? { taken: 0, waiting: new Set<() => void>() };
      rooms.set(agent, room);
      let isIn = room.taken < places;
      let left = false;
      const come = (): void => {
        isIn = true;
        go();
      };
      if (isIn) {
        room.taken++;
        go();
      } else if (room.waiting.size >= MAX_WAITING) return false;
      else room.waiting.add(come);
      return () => {
        if (left) return;
        left = true;
        if (isIn) leave(agent);
        else room.waiting.delete(come);
      };
    },
  };
}
