// Is the package, as a user would install it, whole?
// Builds and packs it, installs the tarball alone into an empty folder, and there
//   - every target of `exports` and `bin` exists, and commands begin with #!,
//   - every export can be imported, by JavaScript and by TypeScript, with no optional peer installed: the types hold
//     under `strict` and `skipLibCheck: false`, for Node with @types/node alone, the client's in a browser without it,
//   - no export so much as asks for an optional peer before an adapter is used.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, repositoryRoot } from './steps.ts';

type Exports = string | null | { [condition: string]: Exports };
type Manifest = {
  name: string;
  exports?: Exports;
  bin?: string | Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies: Record<string, string>;
};

const manifest: Manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'skein-pack-'));
const installed = join(folder, 'node_modules', manifest.name);

try {
  const problems = check();
  for (const problem of problems) console.error(`package: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(`package: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(): string[] {
  capture(process.execPath, [join(import.meta.dirname, 'build.ts')]);
  install();

  const missing = targets().filter((target) => !target.includes('*') && !existsSync(join(installed, target)));
  if (missing.length > 0) return missing.map((target) => `${target} is named in package.json and not in the package`);

  const plain = bins().filter((bin) => !readFileSync(join(installed, bin), 'utf8').startsWith('#!'));
  if (plain.length > 0) return plain.map((bin) => `${bin} is a command, and does not begin with #!/usr/bin/env node`);

  const names = exportNames();
  if (names.length === 0) return ['it exports nothing'];
  const problems: string[] = [];
  const consumer: string[] = [];
  for (const name of names) {
    const { failure, found, peers } = importExport(name);
    if (failure) problems.push(`${name} cannot be imported: ${failure}`);
    for (const peer of peers) problems.push(`${name} loads the optional peer ${peer} before it is used`);
    const typed = found
      .filter((one) => one !== 'default')
      .map((one, index) => `${one} as _${consumer.length}_${index}`);
    consumer.push(`export { ${typed.join(', ')} } from '${name}';`);
  }
  problems.push(...typeErrors(consumer.join('\n')));
  if (problems.length === 0) {
    console.log(`package: ${names.length} exports and their types are whole: ${names.join(', ')}`);
  }
  return problems;
}

function install(): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  // Its own folder, so that only the package itself is in it.
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  const [{ filename }] = JSON.parse(
    capture('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', packed]),
  ) as [{ filename: string }];
  capture(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=peer', join(packed, filename)],
    folder,
  );
}

/** Every file that package.json promises. */
function targets(): string[] {
  const leaves = (node: Exports): string[] =>
    typeof node === 'string' ? [node] : Object.values(node ?? {}).flatMap(leaves);
  return [...leaves(manifest.exports ?? null), ...bins()];
}

function bins(): string[] {
  return typeof manifest.bin === 'string' ? [manifest.bin] : Object.values(manifest.bin ?? {});
}

/** What a user may import, without patterns and data files: `skein`, `skein/lab`. */
function exportNames(): string[] {
  const { exports = null } = manifest;
  const paths = typeof exports === 'object' && exports ? Object.keys(exports) : ['.'];
  const subpaths = paths.every((path) => path.startsWith('.')) ? paths : ['.'];
  return subpaths
    .filter((path) => !path.includes('*') && !path.endsWith('.json'))
    .map((path) => manifest.name + path.slice(1));
}

/** Imports one export in a fresh process that notes every optional peer asked for on the way. */
function importExport(name: string): { failure?: string; found: string[]; peers: string[] } {
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const script = `
    import { registerHooks } from 'node:module';
    const peers = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const peer = ${JSON.stringify(peers)}.find((one) => specifier === one || specifier.startsWith(one + '/'));
        if (peer) peers.add(peer);
        return next(specifier, context);
      },
    });
    let failure, found = [];
    try {
      found = Object.keys(await import(${JSON.stringify(name)}));
    } catch (error) {
      failure = String(error?.message ?? error);
    }
    process.stdout.write('\\n' + JSON.stringify({ failure, found, peers: [...peers] }), () => process.exit());
  `;
  const file = join(folder, 'import.js');
  writeFileSync(file, script);
  return JSON.parse(capture(process.execPath, [file], folder).trim().split('\n').at(-1)!);
}

/** Every name found at run time must also be there in the types, and no type may lean on what a user need not have. */
function typeErrors(consumer: string): string[] {
  // Of our own: what a user of this very TypeScript installs beside the package.
  const { devDependencies } = manifest;
  const node = `@types/node@${devDependencies['@types/node']}`;
  capture('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=peer', '--save-dev', node], folder);
  const browser = `export * from '${manifest.name}/client';`;
  return [...compile('node', consumer, ['node']), ...compile('browser', browser, [])];
}

function compile(name: string, consumer: string, types: readonly string[]): string[] {
  const file = `${name}.ts`;
  writeFileSync(join(folder, file), consumer);
  const options = { module: 'nodenext', target: 'esnext', strict: true, noEmit: true, skipLibCheck: false, types };
  const project = join(folder, `tsconfig.${name}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions: options, files: [file] }));
  try {
    capture('tsc', ['-p', project]);
    return [];
  } catch (error) {
    return [`its types do not hold for ${name}: ${(error as Error).message}`];
  }
}
