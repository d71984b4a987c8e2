// Running commands one after the other, for the other scripts.
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '..');

/** The repository's own tools, and its own node, come before the machine's. */
export const environment = {
  ...process.env,
  PATH: [join(repositoryRoot, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
};

/** Runs a command in the terminal; resolves to its exit code, or 1 when it died of a signal. */
export function run(command: string, args: readonly string[], cwd = repositoryRoot): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a command quietly and returns what it printed; a failure is an error that carries all of it. */
export function capture(command: string, args: readonly string[], cwd = repositoryRoot): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed (exit ${status})\n${stdout}${stderr}`);
  return stdout;
}
