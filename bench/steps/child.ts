/** Runs one subject in a process group of its own, bounded in time, and reads its last line. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Kept } from './engine.ts';
import type { Subject } from './subjects.ts';

/** The one JSON line a subject prints. */
export interface Answer {
  name: string;
  kept: Kept;
  /** Of a peer: the version measured. */
  version?: string;
  figures: Record<string, number>;
}

const SAID_BYTES = 64_000;

const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
};

/** What went wrong, on one line: the last line that speaks of an error, else the last line. */
function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const telling = lines.findLast((line) => /error|fault|cannot|failed/i.test(line) && !line.startsWith('at '));
  return (telling ?? lines.at(-1) ?? 'it said nothing').slice(0, 300);
}

export async function runChild(
  subject: Subject,
  { dir, slotMs }: { dir: string; slotMs: number },
): Promise<Answer | { failed: string }> {
  const scratch = mkdtempSync(join(dir, `${subject.key}-`));
  const node = [process.execPath, '--no-warnings', '--expose-gc', subject.script];
  const [command, ...args] = [...(subject.before ?? []), ...node, ...subject.args];
  const child = spawn(command!, [...args, '--dir', scratch, '--slot', `${slotMs}`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...subject.env },
  });
  const stopAll = () => killGroup(child.pid);
  const interrupted = () => process.exit(130); // runs the exit listener below
  process.once('exit', stopAll);
  process.once('SIGINT', interrupted);

  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (out = (out + chunk).slice(-SAID_BYTES)));
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk).slice(-SAID_BYTES)));
  let late = false;
  const limit = setTimeout(() => ((late = true), stopAll()), subject.limitMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (late) return { failed: `not done after ${subject.limitMs / 1_000} s` };
    if (code !== 0) return { failed: `exit ${code}: ${reasonIn(said)}` };
    const line = out.trim().split('\n').at(-1) ?? '';
    if (!line.startsWith('{')) return { failed: `printed no answer: ${reasonIn(said)}` };
    return JSON.parse(line) as Answer;
  } catch (error) {
    return { failed: String(error) };
  } finally {
    clearTimeout(limit);
    stopAll(); // whatever it started and left behind
    process.off('exit', stopAll);
    process.off('SIGINT', interrupted);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}
