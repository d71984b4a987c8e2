/** `skein init` */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Fault } from '../../../base/index.ts';
import { addCommand } from '../command.ts';
import type { Door } from '../door.ts';
import { EXITS } from '../exits.ts';
import { dependencyOn, isClone, ownNodeOf, packInto } from '../init/dependency.ts';
import { projectFiles } from '../init/project.ts';

const OWN_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export function registerInit(program: Command, door: Door): void {
  addCommand(program, {
    name: 'init <folder>',
    does: 'make a small project: a configuration, two agents, one workflow, one test',
    site: false,
    examples: [['init flock', 'then: cd flock && npm install && npm test']],
    exits: { [EXITS.refused]: 'there is something in the folder already, or it may not be written' },
  })
    .option('--skein <spec>', 'what npm installs as skein (default: what this command is of)')
    .action(async (folder: string, given: { skein?: string }) => {
      const target = resolve(door.terminal.folder, folder);
      const name = basename(target)
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-')
        .replaceAll(/^[^a-z0-9]+|-+$/g, '');
      if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
        throw new Fault(
          'input.invalid',
          `'${basename(target)}' makes no name for a package: use letters, digits, - . and _`,
        );
      if (existsSync(target) && readdirSync(target).length > 0)
        throw new Fault('conflict', `${folder} is not empty`, {
          detail: { next: 'Name a folder that is not there yet.' },
        });
      const { version, engines, devDependencies } = ownManifest();
      const own = { root: resolve(OWN_ROOT), version };
      mkdirSync(target, { recursive: true });
      if (given.skein === undefined && isClone(own)) door.note('packing this clone for it, some seconds...');
      const skein = given.skein ?? (isClone(own) ? await packInto(own, target) : dependencyOn(own, target));
      const files = projectFiles({
        name,
        skein,
        nodeEngine: engines.node,
        ownNode: ownNodeOf(process.execPath, process.versions.node),
        tools: { '@types/node': devDependencies['@types/node'], typescript: devDependencies.typescript },
      });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(target, path)), { recursive: true });
        writeFileSync(join(target, path), text);
      }
      door.tell({ folder: target, skein, files: Object.keys(files) }, () => [
        `${door.paint('green', '✓')} ${relative(door.terminal.folder, target) || '.'}: ${Object.keys(files).join(', ')}`,
        '',
        `  cd ${/[^\w./-]/.test(folder) ? `'${folder}'` : folder}`,
        '  npm install',
        '  npm test',
        `  npx skein run brief --input '["geese","threads"]'`,
      ]);
    });
}

interface OwnManifest {
  version: string;
  engines: { node: string };
  devDependencies: { '@types/node': string; typescript: string };
}

function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(join(OWN_ROOT, 'package.json'), 'utf8')) as OwnManifest;
}
