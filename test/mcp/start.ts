// Starts the example server over HTTP as a process of its own, to be killed and started again on the same port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const serverFile = join(import.meta.dirname, 'server.ts');
export const stdioCommand = [process.execPath, '--no-warnings', serverFile];

export interface Started {
  url: string;
  port: number;
  kill(): Promise<void>;
}

export async function startHttpServer(port = 0, env: Record<string, string> = {}): Promise<Started> {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', serverFile, '--http', String(port)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return {
    url,
    port: Number(new URL(url).port),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
