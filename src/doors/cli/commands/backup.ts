/** `skein backup` */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shellWord } from '../../../base/index.ts';
import { backup } from '../../../site/backup.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';

export function registerBackup(program: Command, door: Door): void {
  addCommand(program, {
    name: 'backup <target>',
    does: 'a consistent copy of the store, while it is in use',
    examples: [['backup /var/backups/skein-$(date +%F).db', 'to a new file; it is never written over']],
  }).action((target: string, given: SiteWords) =>
    door.withStore(given, async (store) => {
      const isFile = store.kind === 'sqlite';
      const place = isFile ? resolve(door.terminal.folder, target) : target;
      await backup(store, place);
      const bytes = isFile ? statSync(place).size : undefined;
      const size = bytes === undefined ? '' : ` (${(bytes / 1024 / 1024).toFixed(1)} MiB)`;
      door.tell({ target: place, bytes }, () => [
        `${door.paint('green', '✓')} ${place}${size}`,
        door.paint('dim', `put it back with: skein restore ${shellWord(target)}`),
      ]);
    }),
  );
}
