/** Where a site's tokens are kept. */
import { dirname, join } from 'node:path';
import type { Settings } from '../../site/config/index.ts';

/** Beside the store where that is a file, else in the site's own folder. */
export function tokenFileOf({ store, folder }: Pick<Settings, 'store' | 'folder'>): string {
  const isFile = store !== 'memory:' && !/^postgres(ql)?:/.test(store);
  return join(isFile ? dirname(store) : join(folder, '.skein'), 'tokens.json');
}
