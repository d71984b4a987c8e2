/** What a door's suite measures: the same call made bare and through Skein, in turns, in one process. */
export interface Pair {
  /** One call by the protocol's own client. */
  bare(): Promise<void>;
  /** So many calls through Skein, one after another, each timed; the journal is on disk. */
  ours(calls: number): Promise<number[]>;
  close(): Promise<void>;
}

export interface Figures {
  oursP50Ms: number;
  bareP50Ms: number;
  ratio: number;
  calls: number;
}

export interface MeasureOptions {
  rounds: number;
  calls: number;
}

/** Rounds of both in turns, so that what else the machine does hits both alike; the first round only warms up. */
export async function measurePair(pair: Pair, { rounds, calls }: MeasureOptions): Promise<Figures> {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const alone = await timeBare(pair, calls);
    const through = await pair.ours(calls);
    if (round === 0) continue;
    bare.push(...alone);
    ours.push(...through);
  }
  const oursP50Ms = median(ours);
  const bareP50Ms = median(bare);
  return { oursP50Ms, bareP50Ms, ratio: oursP50Ms / bareP50Ms, calls: ours.length };
}

async function timeBare(pair: Pair, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const startMs = performance.now();
    await pair.bare();
    times.push(performance.now() - startMs);
  }
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
