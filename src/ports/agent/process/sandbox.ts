/**
 * What a command may see and touch. With bubblewrap: the system read only, its own folder read only, a /tmp of its
 * own, no network, no other processes. Without: its limits hold, and it is trusted with the rest.
 */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../../base/index.ts';
import type { ProcessDeclaration } from '../declare.ts';

/** Where programs and what they load are found. Nothing of a person's. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc', '/opt', '/nix'];
/** In its folder these are ours, and not for its eyes: the site's store and keys, and the file of secrets. */
const OURS = ['.skein', '.git'];
const SECRETS = ['.env', '.env.local'];
const PROBE_MS = 5_000;

export interface Launch {
  file: string;
  args: string[];
  sandbox: 'bubblewrap' | 'none';
}

let probed: Promise<boolean> | undefined;

/** Installed, and allowed to make its namespaces here. */
export function hasBubblewrap(): Promise<boolean> {
  probed ??= promisify(execFile)('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--', 'true'], {
    timeout: PROBE_MS,
  }).then(
    () => true,
    () => false,
  );
  return probed;
}

export async function launchOf(given: ProcessDeclaration, cwd: string, path: string): Promise<Launch> {
  const [command = '', ...args] = given.process;
  const file = findCommand(command, cwd, path);
  if (file === undefined)
    throw new Fault('agent.refused', `agent '${given.name}': there is no command '${command}' on the path`, {
      retry: 'elsewhere',
    });
  const wanted = given.sandbox ?? 'auto';
  const bubblewrap = wanted !== 'none' && (await hasBubblewrap());
  if (wanted === 'require' && !bubblewrap)
    throw new Fault(
      'agent.refused',
      `agent '${given.name}' wants a sandbox and bubblewrap does not work here: install the package bubblewrap, or say sandbox: none and trust it`,
      { retry: 'elsewhere' },
    );
  // A limit of the kernel on each process; memory is watched over all of them (memory.ts).
  const limited = given.cpuSeconds === undefined ? [file, ...args] : withCpu(given.cpuSeconds, file, args);
  const [first = file, ...rest] = limited;
  if (!bubblewrap) return { file: first, args: rest, sandbox: 'none' };
  return { file: 'bwrap', args: [...bubblewrapArgs(given, cwd, file), '--', ...limited], sandbox: 'bubblewrap' };
}

function withCpu(seconds: number, file: string, args: string[]): string[] {
  return ['/bin/sh', '-c', `ulimit -t ${seconds} && exec "$@"`, 'sh', file, ...args];
}

function bubblewrapArgs(given: ProcessDeclaration, cwd: string, file: string): string[] {
  const args = ['--die-with-parent', '--unshare-all', '--new-session', '--proc', '/proc', '--dev', '/dev'];
  if (given.network === true) args.push('--share-net');
  args.push('--tmpfs', '/tmp');
  const bound = new Set<string>();
  const bind = (how: '--ro-bind' | '--bind', path: string): void => {
    if (!existsSync(path) || bound.has(`${how} ${path}`)) return;
    bound.add(`${how} ${path}`);
    args.push(how, path, path);
  };
  for (const path of SYSTEM) bind('--ro-bind', path);
  // The folder that its program stands in, by its name and in truth; never a whole home.
  for (const folder of [dirname(file), dirname(realpathSync(file))])
    if (folder !== '/' && folder !== homedir() && !SYSTEM.some((path) => `${folder}/`.startsWith(`${path}/`)))
      bind('--ro-bind', folder);
  bind('--ro-bind', cwd);
  for (const path of given.reads ?? []) bind('--ro-bind', resolve(cwd, path));
  for (const path of OURS) if (existsSync(join(cwd, path))) args.push('--tmpfs', join(cwd, path));
  for (const path of SECRETS) if (existsSync(join(cwd, path))) args.push('--ro-bind', '/dev/null', join(cwd, path));
  for (const path of given.writes ?? []) bind('--bind', resolve(cwd, path));
  args.push('--chdir', cwd);
  return args;
}

function findCommand(command: string, cwd: string, path: string): string | undefined {
  if (command.includes('/')) {
    const file = isAbsolute(command) ? command : resolve(cwd, command);
    return existsSync(file) ? file : undefined;
  }
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file));
}
