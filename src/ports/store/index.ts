/** Stores: the port, and the way to open one by its address. */
import { Fault } from '../../base/index.ts';
import type { Store } from './port.ts';

export * from './port.ts';

/**
 * Opens the store that an address names: `memory:`, `sqlite:path` or a bare path,
 * `postgres://...` (`?schema=name` for another schema than `skein`). An adapter is loaded only when its address is used.
 */
export async function openStore(address: string): Promise<Store> {
  if (address === 'memory:') return (await import('./memory.ts')).createMemoryStore();
  if (/^postgres(ql)?:\/\//.test(address)) {
    return await (await import('./postgres.ts')).createPostgresStore({ url: address });
  }
  // One letter before the colon is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1];
  if (scheme !== undefined && scheme !== 'sqlite') {
    throw new Fault(
      'input.invalid',
      `no store is kept at '${scheme}:'; use memory:, sqlite:path, a path, or postgres://`,
    );
  }
  const path = scheme === undefined ? address : address.slice('sqlite:'.length);
  if (path === '') throw new Fault('input.invalid', 'the address of the store names no file');
  const store = (await import('./sqlite.ts')).createSqliteStore({ path });
  // Whether the file is ours shows at the first look.
  await store.info('');
  return store;
}
