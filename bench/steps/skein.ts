/** Our own engine, as this bench sees it. */
import type { StepsEngine } from './engine.ts';

/**
 * - `durable`: journal on disk, a barrier at the end of a run (steps are pure);
 * - `durableBarrier`: the same with a barrier at every step: compare it with journal40 FULL;
 * - `memory`: the memory store.
 */
export type OwnKind = 'durable' | 'durableBarrier' | 'memory';

export interface OwnSteps {
  /** Files go under `dir`, which is deleted afterwards. `engineFrom(runner)` is a short way. */
  engine(kind: OwnKind, dir: string): Promise<StepsEngine>;
  /** Heap bytes a run parked at a wait, with so many of them parked. `globalThis.gc` is there. */
  bytesPerRun(runs: number, dir: string): Promise<number>;
  /** After kill -9 with 1,000 runs in flight: first new step, and all runs going, from spawn. */
  resume(dir: string): Promise<{ firstMs: number; allMs: number }>;
  /** A loop of pure turns; the slope is heap growth a turn, which should be about none. */
  loop(dir: string): Promise<{ turnsPerS: number; bytesPerTurnSlope: number }>;
}

/** Undefined until the engine is there; its rows are then shown as not measured. */
export const own: OwnSteps | undefined = undefined;
