/**
 * The test that every workflow should pass: its worker is killed before and after each of its commits in
 * turn, another carries the run on, and the outcome must be what it is without any crash.
 */
import { canonicalJson, errorText } from '../../base/index.ts';
import type { AnyWorkflow } from '../../author/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import type { RunResult } from '../../site/site.ts';
import { type Answers, openTestSite, type TestSite } from './test-site.ts';

/** Agents and what they act on; made anew for every crash point. */
export interface TestWorld {
  agents: readonly Agent[];
  /** Called when the run has ended: throws when the world is not as it should be. */
  check?: (result: RunResult) => void;
}

export interface CrashTest extends Answers {
  workflow: AnyWorkflow;
  input?: unknown;
  /** Children it starts. */
  others?: readonly AnyWorkflow[];
  functions?: Record<string, (input: never) => unknown>;
  world: (clock: Clock) => TestWorld;
}

export interface BadPoint {
  commit: number;
  when: 'before' | 'after';
  why: string;
}

export interface CrashReport {
  /** Crashes tried. */
  points: number;
  bad: BadPoint[];
  /** Without any crash. */
  result: RunResult;
}

export async function crashEverywhere(test: CrashTest): Promise<CrashReport> {
  const calm = await play(test);
  if (calm.why !== undefined) throw new Error(`without any crash: ${calm.why}`, { cause: calm.thrown });
  const wanted = endOf(calm.result!);
  const bad: BadPoint[] = [];
  for (let commit = 1; commit <= calm.commits; commit++) {
    for (const when of ['before', 'after'] as const) {
      const { result, why } = await play(test, { commit, when });
      if (why !== undefined) bad.push({ commit, when, why });
      else if (endOf(result!) !== wanted) bad.push({ commit, when, why: `it ended ${endOf(result!)}, not ${wanted}` });
    }
  }
  return { points: calm.commits * 2, bad, result: calm.result! };
}

interface Play {
  result?: RunResult;
  commits: number;
  why?: string;
  thrown?: unknown;
}

async function play(test: CrashTest, dieAt?: { commit: number; when: 'before' | 'after' }): Promise<Play> {
  let world: TestWorld | undefined;
  const { gate, signals, functions } = test;
  const workflows = [test.workflow, ...(test.others ?? [])];
  const agents = (clock: Clock): readonly Agent[] => (world = test.world(clock)).agents;
  const site: TestSite = await openTestSite({ workflows, agents, gate, signals, functions, dieAt });
  try {
    const result = await site.run(test.workflow, test.input);
    world?.check?.(result);
    return { result, commits: site.commits };
  } catch (thrown) {
    return { commits: site.commits, why: errorText(thrown), thrown };
  } finally {
    await site.stop();
  }
}

function endOf({ outcome, output, fault }: RunResult): string {
  return canonicalJson({ outcome, output: output ?? null, fault: fault?.code ?? null });
}
