/**
 * A keeper cleans up after a process that was killed: a shell that waits for the end of its input,
 * which comes when the process that holds the other side ends, however it ends.
 */
import { spawn } from 'node:child_process';

export interface Keeper {
  /** Runs the script now and waits for it. */
  finish(): Promise<void>;
}

/** `args` reach the script as $1, $2, ... */
export function createKeeper(script: string, args: readonly string[] = []): Keeper {
  const child = spawn('/bin/sh', ['-c', `cat >/dev/null\n${script}`, 'skein-keeper', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    finish() {
      child.ref();
      child.stdin.end();
      return ended;
    },
  };
}
