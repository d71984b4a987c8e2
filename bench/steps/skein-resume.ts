/** kill -9 with 1,000 runs in flight, and how soon after the restart command they move again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const LIMIT_MS = 30_000;

export async function resumeFigures(dir: string): Promise<{ firstMs: number; allMs: number }> {
  const path = join(dir, 'resume.db');
  const first = begin(path);
  await said(first, 'all');
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.kill('SIGKILL');
  await new Promise((resolve) => first.once('close', resolve));
  const from = performance.now();
  const second = begin(path);
  await said(second, 'first');
  const firstMs = performance.now() - from;
  await said(second, 'all');
  const allMs = performance.now() - from;
  second.kill('SIGKILL');
  return { firstMs: Math.round(firstMs), allMs: Math.round(allMs) };
}

function begin(path: string): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'skein-resume-child.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Waits for a line the child says: `first` new step, `all` runs moving. */
function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`the child did not say '${word}' in ${LIMIT_MS} ms`)), LIMIT_MS);
    let heard = (child as { heard?: string }).heard ?? '';
    const check = (): void => {
      (child as { heard?: string }).heard = heard;
      if (!heard.includes(`${word}\n`)) return;
      clearTimeout(limit);
      child.stdout!.off('data', listen);
      resolve();
    };
    const listen = (chunk: Buffer): void => {
      heard += chunk.toString();
      check();
    };
    child.stdout!.on('data', listen);
    child.once('exit', (code) => reject(new Error(`the child ended (${code}) before it said '${word}'`)));
    check();
  });
}
