/** Events in order of virtual time, and of their making where the time is the same: a binary heap. */

export interface Due {
  atMs: number;
  order: number;
  call: () => void;
  /** Whose event it is: a dead process gets none any more, a paused one gets it when it wakes. */
  owner: Owner | undefined;
  /** Taken back. */
  off: boolean;
}

export interface Owner {
  readonly name: string;
  state: 'up' | 'paused' | 'dead';
  /** What came while it was paused. */
  held: Due[];
}

export interface DueQueue {
  push(due: Due): void;
  pop(): Due | undefined;
  readonly size: number;
}

export function createDueQueue(): DueQueue {
  const heap: Due[] = [];

  function isBefore(a: Due, b: Due): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  return {
    get size() {
      return heap.length;
    },
    push(due) {
      let at = heap.length;
      heap.push(due);
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (!isBefore(due, heap[above]!)) break;
        heap[at] = heap[above]!;
        at = above;
      }
      heap[at] = due;
    },
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      let at = 0;
      for (;;) {
        let below = 2 * at + 1;
        if (below >= heap.length) break;
        if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
        if (!isBefore(heap[below]!, last)) break;
        heap[at] = heap[below]!;
        at = below;
      }
      heap[at] = last;
      return first;
    },
  };
}
