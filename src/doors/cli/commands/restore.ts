/** `skein restore` */
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { Fault } from '../../../base/index.ts';
import { openRestored } from '../../../site/backup.ts';
import { openExistingStore } from '../../../site/config/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { counted } from '../paint.ts';

const isServer = (address: string): boolean => /^postgres(ql)?:/.test(address);

export function registerRestore(program: Command, door: Door): void {
  addCommand(program, {
    name: 'restore <backup>',
    does:
      'put a backup in the place of the store. Its open runs are told: what they did since is unknown, and no call ' +
      'that may have been made is made again unasked',
    examples: [
      ['restore /var/backups/skein.db', 'the store that was there is kept beside it'],
      ['restore postgres://db/skein?schema=copy', 'a copy on a server is marked where it is: then point to it'],
    ],
  }).action(async (from: string, given: SiteWords) => {
    const settings = await door.settings(given);
    const { address, kept } = isServer(from)
      ? { address: from, kept: undefined }
      : await putInPlace(resolve(door.terminal.folder, from), settings.store);
    const { store, runs } = await openRestored(address);
    await store.close();
    door.tell({ store: address, kept, runs }, () => [
      `${door.paint('green', '✓')} ${address}: ${counted(runs.length, 'open run')} told of it`,
      ...(kept === undefined ? [] : [door.paint('dim', `what was there is kept: ${kept}`)]),
    ]);
  });
}

async function putInPlace(from: string, to: string): Promise<{ address: string; kept?: string }> {
  if (isServer(to) || to === 'memory:')
    throw new Fault('input.invalid', `a file cannot take the place of ${to}: name the file with --store`);
  if (!existsSync(from)) throw new Fault('not-found', `there is no backup ${from}`);
  let kept: string | undefined;
  if (existsSync(to)) {
    const old = await openExistingStore({ store: to });
    const alive = (await old.workers()).filter((worker) => worker.alive).map(({ worker }) => worker);
    await old.close();
    if (alive.length > 0)
      throw new Fault('conflict', `workers are at this store: ${alive.join(', ')}`, {
        detail: { next: 'Stop the site first (Ctrl-C, or SIGTERM), then again.' },
      });
    kept = `${to}.before-restore-${Date.now()}`;
    // The journal of the database belongs to its file, and must not meet another one.
    for (const end of ['', '-wal', '-shm']) if (existsSync(to + end)) renameSync(to + end, kept + end);
  }
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, `${to}.part`);
  renameSync(`${to}.part`, to);
  return { address: to, kept };
}
