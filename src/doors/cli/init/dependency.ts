/** What a new project must install to get this very Skein. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

export interface Own {
  /** The folder of our own package.json. */
  root: string;
  version: string;
}

interface Lock {
  packages?: Record<string, { resolved?: string }>;
}

/** From the registry by version; from the same tarball or clone where that is where we are from. */
export function dependencyOn({ root, version }: Own, project: string): string {
  const modules = dirname(root);
  if (basename(modules) !== 'node_modules') return `file:${relative(project, root)}`;
  const from = resolvedFrom(join(modules, '.package-lock.json'), `node_modules/${basename(root)}`);
  if (from === undefined || !from.startsWith('file:')) return `^${version}`;
  const path = resolve(dirname(modules), from.slice('file:'.length));
  return `file:${relative(project, path)}`;
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
