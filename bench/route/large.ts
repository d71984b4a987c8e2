/**
 * A size that may be too much: tried in a process of its own, with a limit of time and of memory. What it reached until
 * then is reported, with the limit that ended it.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { measureScale, type Scale } from './index-scale.ts';

export interface Limits {
  seconds: number;
  mb: number;
}

export interface Tried extends Partial<Scale> {
  tried: true;
  /** What ended it; none = it was finished. */
  reason?: string;
  /** Agents in the index at the end. */
  indexed: number;
  seconds: number;
  /** The most memory that the process took. */
  peakMb: number;
}

interface Said extends Partial<Scale> {
  indexed?: number;
  rssMb: number;
  done?: true;
}

export async function tryLarge(size: number, limits: Limits): Promise<Tried> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const heap = `--max-old-space-size=${limits.mb}`;
  const child = spawn(process.execPath, [heap, import.meta.filename, String(size)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const tried: Tried = { tried: true, indexed: 0, seconds: 0, peakMb: 0 };
  const stop = (reason: string): void => {
    tried.reason ??= reason;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop(`the limit of ${limits.seconds} s was reached`), limits.seconds * 1000);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (fault) => resolve(fault.message));
    child.on('exit', (code, signal) => resolve(`its process ended by ${signal ?? `code ${code}`}`));
  });
  let done = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const { rssMb, done: isDone, ...more } = JSON.parse(line) as Said;
    Object.assign(tried, more);
    tried.peakMb = Math.max(tried.peakMb, Math.round(rssMb));
    if (isDone === true) done = true;
    else if (rssMb > limits.mb) stop(`the limit of ${limits.mb} MB was reached`);
  }
  const how = await ended;
  clearTimeout(timer);
  if (!done) tried.reason ??= how;
  tried.seconds = seconds();
  return tried;
}

if (import.meta.main) {
  const say = (said: Omit<Said, 'rssMb'>): void =>
    void process.stdout.write(
      `${JSON.stringify({ ...said, rssMb: process.memoryUsage().rss / 1024 / 1024 } satisfies Said)}\n`,
    );
  say({ ...(await measureScale(Number(process.argv[2]), say)), done: true });
}
