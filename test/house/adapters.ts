// Which adapters have no contract run.
//
// An adapter is a file of `src/ports/<port>/` beside the port, its contract and its fault wrapper. A file that only
// serves an adapter (imported by one, and making no `create…<Port>` of its own) is a part of it.
// A contract run is a test that imports both the adapter and the contract of its port.
import { posix } from 'node:path';
import { isAdapterFile } from './floors.ts';
import { isTest, readImports, type Source } from './sources.ts';

export function adaptersWithoutContract(sources: readonly Source[]): string[] {
  const imported = new Map(sources.map((source) => [source.path, importedBy(source)]));
  const files = sources.filter(({ path }) => isAdapterFile(path));
  const tests = [...imported].filter(([path]) => isTest(path)).map(([, paths]) => paths);

  return files
    .filter(({ path, text }) => {
      const folder = portFolderOf(path);
      const servesAnAdapter = files.some(
        (other) => other.path !== path && portFolderOf(other.path) === folder && imported.get(other.path)!.has(path),
      );
      if (servesAnAdapter && !makesAPort(folder, text)) return false;
      return !tests.some((paths) => paths.has(path) && paths.has(`${folder}/contract.ts`));
    })
    .map(({ path }) => path);
}

function importedBy(source: Source): Set<string> {
  return new Set(
    readImports(source)
      .filter(({ target, typeOnly }) => target?.startsWith('.') && !typeOnly)
      .map(({ target }) => posix.join(posix.dirname(source.path), target!)),
  );
}

const portFolderOf = (path: string) => path.split('/').slice(0, 3).join('/');

function makesAPort(folder: string, text: string): boolean {
  const port = folder.slice(folder.lastIndexOf('/') + 1);
  return new RegExp(`export (?:async )?(?:function|const) create\\w*${port}\\b`, 'i').test(text);
}
