/** What is measured of an engine, and the stopwatch that measures it. */
import { GRAPH, noop, SEQUENTIAL, sleep, SLEEPING_RUNS, stepCount, type Work, type Workload } from './workloads.ts';

/** What has reached the disk when a step counts as done. Compare rows of one kind only. */
export type Kept = 'nothing' | 'synced each step' | 'synced at run end' | 'written, synced later' | 'in memory';

/** Starts one run with a new id; resolves to its last answer when every step is kept. */
export type Start = (runId: string) => Promise<number>;

/** The smallest thing an engine must offer; `engineFrom` makes the rest of it. */
export interface Runner {
  name: string;
  kept: Kept;
  /** Whatever is done once per workflow (compiling, registering) happens here, untimed. */
  prepare(workload: Workload, work: Work): Start | Promise<Start>;
  close(): void | Promise<void>;
}

export interface StepsEngine {
  name: string;
  kept: Kept;
  /** Steps a second, one run after another. */
  one(slotMs: number): Promise<number>;
  /** Steps a second, 100 runs in flight all the time. */
  hundred(slotMs: number): Promise<number>;
  /** Runs of the 12-graph a second, 100 in flight all the time. */
  graph(slotMs: number): Promise<number>;
  /** Milliseconds until the last of 1,000 runs is done whose steps sleep 50 ms. */
  sleeping(workload: Workload): Promise<number>;
  close(): Promise<void>;
}

/** The figures of one engine in one round. */
export interface Figures {
  one: number;
  hundred: number;
  graph: number;
  sleepingMs: number;
  sleepingGraphMs: number;
}

export async function measureEngine(engine: StepsEngine, slotMs: number): Promise<Figures> {
  try {
    return {
      one: await engine.one(slotMs),
      hundred: await engine.hundred(slotMs),
      graph: await engine.graph(slotMs),
      sleepingMs: await engine.sleeping(SEQUENTIAL),
      sleepingGraphMs: await engine.sleeping(GRAPH),
    };
  } finally {
    await engine.close();
  }
}

export function engineFrom(runner: Runner): StepsEngine {
  let runs = 0;
  let worked = 0;
  const counted =
    (work: Work): Work =>
    (input) => ((worked += 1), work(input));

  async function checked(start: Start, workload: Workload): Promise<void> {
    const answer = await start(`run-${(runs += 1)}`);
    if (answer !== workload.levels.length) {
      throw new Error(`${runner.name}: a ${workload.name} run answered ${answer}`);
    }
  }

  /** Keeps `lanes` runs in flight until the slot is over; runs a second over the whole of it. */
  async function flow(workload: Workload, start: Start, lanes: number, slotMs: number) {
    let done = 0;
    const before = worked;
    const from = performance.now();
    const lane = async () => {
      do {
        await checked(start, workload);
        done += 1;
      } while (performance.now() - from < slotMs);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const seconds = (performance.now() - from) / 1_000;
    if (worked - before < done * stepCount(workload)) {
      throw new Error(`${runner.name}: ${done} runs did only ${worked - before} steps`);
    }
    return done / seconds;
  }

  async function timed(workload: Workload, lanes: number, slotMs: number): Promise<number> {
    const start = await runner.prepare(workload, counted(noop));
    await flow(workload, start, lanes, slotMs / 2); // warm-up
    return flow(workload, start, lanes, slotMs);
  }

  return {
    name: runner.name,
    kept: runner.kept,
    one: async (slotMs) => stepCount(SEQUENTIAL) * (await timed(SEQUENTIAL, 1, slotMs)),
    hundred: async (slotMs) => stepCount(SEQUENTIAL) * (await timed(SEQUENTIAL, 100, slotMs)),
    graph: (slotMs) => timed(GRAPH, 100, slotMs),
    async sleeping(workload) {
      const start = await runner.prepare(workload, counted(sleep));
      const from = performance.now();
      await Promise.all(Array.from({ length: SLEEPING_RUNS }, () => checked(start, workload)));
      return performance.now() - from;
    },
    close: async () => runner.close(),
  };
}
