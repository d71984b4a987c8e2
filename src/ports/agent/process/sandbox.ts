/**
 * What a command may see and touch. With bubblewrap: the system read only, its own folder read only, a /tmp of its
 * own, no network, no other processes. Without: its limits hold, and it is trusted with the rest.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../../base/index.ts';
import type { ProcessDeclaration } from '../declare.ts';

/** Where programs and what they load are found. Nothing of a person's. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc', '/opt', '/nix'];
/** In its folder these are ours, and not for its eyes: the site's store and keys, and files of secrets. */
const OURS = /^\.(skein|git|env(\..+)?)$/;
const PROBE_MS = 5_000;

export interface Launch {
  file: string;
  args: string[];
  sandbox: 'bubblewrap' | 'none';
  /** It reads LEASH_FD, whose other end is ours to hold open. */
  leash?: boolean;
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
  // A limit of the kernel on each process; memory is watched over all of them (family.ts).
  const limited = given.cpuSeconds === undefined ? [file, ...args] : withCpu(given.cpuSeconds, file, args);
  if (!bubblewrap) return { ...onLeash(limited), sandbox: 'none' };
  return { file: 'bwrap', args: [...bubblewrapArgs(given, cwd, file), '--', ...limited], sandbox: 'bubblewrap' };
}

/** Where a launch on a leash finds the other end of the pipe that the site holds. */
export const LEASH_FD = 3;
/** The name, in its environment, of the mark by which what it starts is known. */
export const LEASH_MARK = 'SKEIN_LEASH';
/**
 * A site that is killed cannot end what it started; bubblewrap sees to that, and without it this: a shell in the same
 * process group, and no child of the command's, waits for the end of a pipe that only the site holds open. It bears no
 * mark itself, for first it ends those that do: also what has left the group for a session of its own.
 */
const KEEPER = `read -r _
for one in $(grep -lsF "${LEASH_MARK}=$1" /proc/[0-9]*/environ); do one=\${one#/proc/}; kill -9 "\${one%/environ}"; done
kill -9 -"$2"`;
const LEASH = `( env -u ${LEASH_MARK} /bin/sh -c '${KEEPER}' sh "$${LEASH_MARK}" $$ <&${LEASH_FD} >/dev/null 2>&1 & )
exec ${LEASH_FD}<&-; exec "$@"`;

function onLeash(command: string[]): Pick<Launch, 'file' | 'args' | 'leash'> {
  const [file = '', ...args] = command;
  if (process.platform === 'win32') return { file, args };
  return { file: '/bin/sh', args: ['-c', LEASH, 'sh', ...command], leash: true };
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
  for (const path of oursIn(cwd))
    // A folder is empty to it, and so is a file: `.git` is one in a worktree.
    if (statSync(path).isDirectory()) args.push('--tmpfs', path);
    else args.push('--ro-bind', '/dev/null', path);
  for (const path of given.writes ?? []) bind('--bind', resolve(cwd, path));
  args.push('--chdir', cwd);
  return args;
}

function oursIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => OURS.test(name))
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
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
