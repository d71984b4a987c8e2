/** The agent that `functional` asks to run programs (JavaScript functions as text). Without a sandbox there is none. */
import { dirname, extname, join } from 'node:path';
import type { Clock } from '../../base/index.ts';
import { type Agent, openAgent } from '../../ports/agent/index.ts';
import { realClock } from '../../site/clock.ts';

export interface RunnerOptions {
  name?: string;
  /** What `judge` of the step names. */
  skill?: string;
  clock?: Clock;
}

const CPU_SECONDS = 60;
const MEMORY_MB = 512;
const CALL_MS = 10_000;

/** Throws a fault that says so where bubblewrap does not work: programs of others are not run outside of it. */
export async function openRunner({
  name = 'runner',
  skill = 'run-program',
  clock,
}: RunnerOptions = {}): Promise<Agent> {
  const here = import.meta.filename;
  const declaration = {
    name,
    description: 'runs programs on inputs, in a sandbox with no network',
    process: [process.execPath, join(dirname(here), `run-program${extname(here)}`)],
    cwd: dirname(here),
    skills: [{ name: skill, effect: 'pure' as const }],
    sandbox: 'require' as const,
    cpuSeconds: CPU_SECONDS,
    memoryMb: MEMORY_MB,
    limits: { timeoutMs: CALL_MS },
  };
  return await openAgent(declaration, { env: { PATH: process.env['PATH'] }, clock: clock ?? realClock });
}
