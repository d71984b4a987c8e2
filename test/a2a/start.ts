// Starts one of the programs beside this file, to be killed and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Started {
  /** The first line that it printed. */
  said: string;
  /** The next one. */
  next(): Promise<string>;
  kill(): Promise<void>;
}

export async function start(program: 'server' | 'site' | 'caller' | 'waiter', ...args: string[]): Promise<Started> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, `${program}.ts`), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface(child.stdout!);
  const next = async (): Promise<string> => String((await once(lines, 'line'))[0]);
  return {
    said: await next(),
    next,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
