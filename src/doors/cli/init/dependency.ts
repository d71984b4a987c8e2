/** What a new project must install to get this very Skein. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { errorText, Fault } from '../../../base/index.ts';

export interface Own {
  /** The folder of our own package.json. */
  root: string;
  version: string;
}

/** Building and packing takes seconds; a machine that needs longer than this is stuck. */
const PACK_MS = 180_000;

interface Lock {
  packages?: Record<string, { resolved?: string }>;
}

/** We are no installed package but a working copy: nothing can be installed from it before it is packed. */
export function isClone({ root }: Own): boolean {
  return basename(dirname(root)) !== 'node_modules';
}

/** From the registry by version; from the same tarball where that is where we are from. */
export function dependencyOn({ root, version }: Own, project: string): string {
  const modules = dirname(root);
  const from = resolvedFrom(join(modules, '.package-lock.json'), `node_modules/${basename(root)}`);
  if (from === undefined || !from.startsWith('file:')) return `^${version}`;
  const path = resolve(dirname(modules), from.slice('file:'.length));
  return `file:${relative(project, path)}`;
}

/** Builds and packs the clone into the project, which then needs the clone no more. */
export async function packInto({ root }: Own, project: string): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', project];
  try {
    const { stdout } = await promisify(execFile)('npm', args, { cwd: root, timeout: PACK_MS });
    // What is said while it is built comes before.
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
    return `file:${filename}`;
  } catch (error) {
    const next = `Try \`npm pack\` in ${root}, and name its tarball: --skein file:/path/to/skein.tgz`;
    throw new Fault('input.invalid', `the clone could not be packed: ${errorText(error)}`, {
      cause: error,
      detail: { next },
    });
  }
}

/** A Node out of some `node_modules` runs us: the machine's own may be too old, so the new project brings one too. */
export function ownNodeOf(execPath: string, version: string): string | undefined {
  return execPath.split(/[\\/]/).includes('node_modules') ? `^${version}` : undefined;
}

function resolvedFrom(lock: string, name: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(lock, 'utf8')) as Lock).packages?.[name]?.resolved;
  } catch {
    // Another package manager leaves another kind of lock: then the registry has us.
    return undefined;
  }
}
