/**
 * A world with a time of its own. Between two of its events every microtask of the code under test
 * runs, so promises work as they do outside; nothing in it looks at real time or real chance.
 */
import { type Clock, createSeededChance, type SeededChance } from '../../base/index.ts';
import { createDueQueue, type Due, type Owner } from './queue.ts';
import { createTrace, type Trace } from './trace.ts';

/** Where wall time begins: a round moment, so that traces read well. */
export const START_MS = 1_800_000_000_000;

export interface World {
  readonly chance: SeededChance;
  readonly trace: Trace;
  /** Never goes back. */
  nowMs(): number;
  wallMs(): number;
  jump(ms: number): void;
  after(ms: number, call: () => void, owner?: Owner): () => void;
  /** Nothing else happens before this is done: for what needs real time, and none of this world's. */
  hold(work: Promise<unknown>): void;
  /** An event held back comes now. */
  again(due: Due): void;
  /** Runs events until `done`, or until this much virtual time has gone. False = it was not done. */
  run(forMs: number, done: () => boolean): Promise<boolean>;
  readonly events: number;
}

export function createWorld(seed: number | string, keepTrace: boolean): World {
  const queue = createDueQueue();
  let now = 0;
  let wallOffset = START_MS;
  let order = 0;
  let events = 0;
  let held: Promise<unknown> | undefined;

  function after(ms: number, call: () => void, owner?: Owner): () => void {
    const due: Due = { atMs: now + Math.max(0, ms), order: order++, call, owner, off: false };
    queue.push(due);
    return () => {
      due.off = true;
    };
  }

  return {
    chance: createSeededChance(seed),
    trace: createTrace(keepTrace, () => now),
    nowMs: () => now,
    wallMs: () => Math.round(now + wallOffset),
    jump(ms) {
      wallOffset += ms;
    },
    after,
    hold(work) {
      held = held === undefined ? work : Promise.all([held, work]);
    },
    again(due) {
      due.atMs = now;
      due.order = order++;
      queue.push(due);
    },
    async run(forMs, done) {
      const until = now + forMs;
      while (!done()) {
        const due = queue.pop();
        if (due === undefined) return done();
        if (due.atMs > until) {
          queue.push(due);
          now = until;
          return done();
        }
        if (due.off || due.owner?.state === 'dead') continue;
        now = Math.max(now, due.atMs);
        if (due.owner?.state === 'paused') {
          due.owner.held.push(due);
          continue;
        }
        events++;
        due.call();
        await macrotask();
        while (held !== undefined) {
          const work = held;
          held = undefined;
          await work;
        }
      }
      return true;
    },
    get events() {
      return events;
    },
  };
}

/** All microtasks of now have run when this resolves. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export interface SimProcess extends Owner {
  readonly clock: Clock;
  kill(): void;
  pause(): void;
  resume(): void;
}

/** A process: what it waits for dies with it. */
export function createProcess(world: World, name: string, slow: boolean): SimProcess {
  let lag = 0;
  const process: SimProcess = {
    name,
    state: 'up',
    held: [],
    clock: {
      nowMs: () => world.wallMs(),
      // A slow process sees its work take time: passes are cut short.
      monotonicMs: () => world.nowMs() + (slow ? (lag += 0.7) : 0),
      after: (ms, call) => world.after(ms, call, process),
      soon(call) {
        world.after(0, call, process);
      },
    },
    kill() {
      process.state = 'dead';
      process.held = [];
    },
    pause() {
      if (process.state === 'up') process.state = 'paused';
    },
    resume() {
      if (process.state !== 'paused') return;
      process.state = 'up';
      for (const due of process.held.splice(0)) world.again(due);
    },
  };
  return process;
}
