/** What every peer script does around its runner: arguments, modules, the one JSON line. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Answer } from '../child.ts';
import { engineFrom, measureEngine, type Runner } from '../engine.ts';

export interface PeerStart {
  variant: string;
  /** For its files; deleted afterwards. */
  dir: string;
  /** Imports one of the peer's packages from the folder it is installed in. */
  load<Module>(specifier: string): Promise<Module>;
  /** The folder that holds its `node_modules`. */
  modules: string;
}

export async function measurePeer(mainPackage: string, open: (start: PeerStart) => Promise<Runner>): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { dir: { type: 'string' }, slot: { type: 'string' }, modules: { type: 'string' } },
    allowPositionals: true,
  });
  const modules = values.modules!;
  // An import resolves from the file it stands in; so a file there does the importing.
  const importer = join(modules, 'import.mjs');
  writeFileSync(importer, 'export const load = (specifier) => import(specifier);\n');
  const { load } = (await import(pathToFileURL(importer).href)) as Pick<PeerStart, 'load'>;
  const manifest = readFileSync(join(modules, 'node_modules', mainPackage, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };

  const runner = await open({ variant: positionals[0] ?? '', dir: values.dir!, load, modules });
  const figures = { ...(await measureEngine(engineFrom(runner), Number(values.slot))) };
  const answer: Answer = { name: runner.name, kept: runner.kept, version, figures };
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
