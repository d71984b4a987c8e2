/** `skein restore` */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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
    throw new Fault('input.invalid', `a file cannot take the place of ${to}`, {
      detail: {
        next: `Name the file it is to be with --store; a server is restored where it is: skein restore ${SERVER}`,
      },
    });
  if (!existsSync(from))
    throw new Fault('not-found', `there is no backup ${from}`, {
      detail: { next: 'The path is seen from the working folder; `skein backup FILE` makes one.' },
    });
  if (existsSync(to)) await mustBeIdle(to);
  mkdirSync(dirname(to), { recursive: true });
  const part = `${to}.part`;
  copyFileSync(from, part);
  try {
    // What is there now goes only for something that is a store.
    await (await openExistingStore({ store: part })).close();
  } catch (thrown) {
    for (const end of ENDS) rmSync(part + end, { force: true });
    if (!(thrown instanceof Fault)) throw thrown;
    throw new Fault(thrown.code, `${from} is no backup that can be put back: ${thrown.message.replace(part, from)}`, {
      detail: { next: 'Nothing was changed. Name a file that `skein backup` made.' },
      cause: thrown,
    });
  }
  let kept: string | undefined;
  if (existsSync(to)) {
    kept = `${to}.before-restore-${Date.now()}`;
    // The journal of the database belongs to its file, and must not meet another one.
    for (const end of ENDS) if (existsSync(to + end)) renameSync(to + end, kept + end);
  }
  renameSync(part, to);
  return { address: to, kept };
}

const ENDS = ['', '-wal', '-shm'];
const SERVER = 'postgres://HOST/DATABASE?schema=COPY';

/** Nobody may be at work on what is put aside. */
async function mustBeIdle(path: string): Promise<void> {
  let alive: string[];
  try {
    const old = await openExistingStore({ store: path });
    alive = (await old.workers()).filter((worker) => worker.alive).map(({ worker }) => worker);
    await old.close();
  } catch (thrown) {
    // A store that is damaged is what backups are for: nobody can work on it.
    if (thrown instanceof Fault && (thrown.code === 'store.foreign' || thrown.code === 'store.corrupt')) return;
    throw thrown;
  }
  if (alive.length > 0)
    throw new Fault('conflict', `workers are at this store: ${alive.join(', ')}`, {
      detail: { next: 'Stop the site first (Ctrl-C, or SIGTERM), then again.' },
    });
}
