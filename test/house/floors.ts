// The floors of the house: which file may import what.
//
// Every source file stands in one place: a floor (`base`), a room of a floor (`flow/plan`, `ports/store`, `doors/cli`)
// or the root (`src/index.ts`). An import is judged on where its file stands, where its target stands, and, when the
// target is not ours, on whether the package is a dependency or an optional peer.
//
// F1  A floor imports only the floors in `mayImport`.
// F2  A room of flow imports another room only through its `index.ts`, and only one that comes before it on the way.
//     What stands directly in flow composes the rooms, through their `index.ts`; no room imports it.
// F3  Other floors enter flow only through `flow/index.ts` or `flow/decide.ts`.
// F4  A port knows no other port, but for net, the way out that all adapters share. Of its files only the adapters
//     know third parties; `declare.ts` says in zod what may be written of them.
// F5  A door knows no port but net, and no other door, but for the guard that all network doors share; only the CLI,
//     which opens them, does, and only it hands in the lab.
// F6  base knows no I/O, model and flow nothing of the runtime at all.
// F7  A package is a dependency, or an optional peer that is imported by `import()` where it is used (types are free).
// F8  Nothing leaves src, and nothing of ours is imported by the package's own name.
// F9  Where the floors decide, an import says in plain text what it loads.
//
// Tests may also import development packages and the runtime; on the four lower floors they stay on their floor.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isTest, readImports, type Import, type Source } from './sources.ts';

export type Packages = {
  name: string;
  dependencies: ReadonlySet<string>;
  peers: ReadonlySet<string>;
  development: ReadonlySet<string>;
};

type Place = { floor: string; room: string; file: string };

const way = ['admit', 'plan', 'route', 'attempt', 'agree', 'settle', 'heal'];

const mayImport: Record<string, readonly string[]> = {
  base: [],
  model: ['base'],
  flow: ['base', 'model'],
  author: ['base', 'model'],
  ports: ['base', 'model'],
  site: ['base', 'model', 'flow', 'author', 'ports'],
  doors: ['base', 'model', 'author', 'site'],
  client: ['base', 'model'],
  lab: ['base', 'model', 'flow', 'author', 'ports', 'site', 'doors', 'client'],
  root: ['base', 'model', 'flow', 'author', 'ports', 'site', 'doors', 'client', 'lab'],
};

/** Floors that may use some packages only; the others may use every dependency, and peers as F7 says. */
const mayUse: Record<string, readonly string[]> = {
  base: ['zod'],
  model: ['zod', '@marcbachmann/cel-js'],
  flow: ['zod'],
  author: ['zod', 'yaml'],
};

const runtimeWithoutIo = new Set(['node:assert', 'node:buffer', 'node:crypto', 'node:util', 'node:util/types']);
const mayUseRuntime: Record<string, ReadonlySet<string>> = {
  base: runtimeWithoutIo,
  model: new Set(),
  flow: new Set(),
};

const pureFloors = new Set(['base', 'model', 'flow', 'author']);
const readableFloors = new Set(['base', 'model', 'flow', 'author', 'ports', 'client']);
const roomedFloors = new Set(['flow', 'ports', 'doors']);
const builtins = new Set(builtinModules);

/** One sentence for every wrong import, with the file and line to go to. */
export function wrongImports(sources: readonly Source[], packages: Packages): string[] {
  return sources.flatMap((source) => {
    const from = placeOf(source.path);
    if (!(from.floor in mayImport)) return [`${source.path}: the house has no floor "${from.floor}"`];
    if (from.floor === 'flow' && from.room && !way.includes(from.room)) {
      return [`${source.path}: the way has no room "${from.room}"`];
    }
    return readImports(source).flatMap((found) => {
      const reason = reasonAgainst(found, source.path, from, packages);
      return reason ? [`${source.path}:${found.line} imports ${found.target ?? 'a computed name'}: ${reason}`] : [];
    });
  });
}

export function isAdapterFile(path: string): boolean {
  const { floor, room, file } = placeOf(path);
  const isFace = ['port.ts', 'contract.ts', 'faults.ts', 'index.ts', 'card.ts', 'declare.ts', 'kinds.ts'].includes(
    file,
  );
  const isPart = /^(contract|fixtures)\//.test(file);
  return floor === 'ports' && room !== '' && !isFace && !isPart && !isTest(file);
}

function reasonAgainst({ target, how, typeOnly }: Import, path: string, from: Place, packages: Packages) {
  const inTest = isTest(path);
  if (target === null) return readableFloors.has(from.floor) && !inTest ? 'its target must be plain text' : undefined;
  if (target.startsWith('.')) return againstOurs(path, from, target, inTest);
  if (target.startsWith('node:') || builtins.has(target)) return againstRuntime(from, target, inTest);
  return againstPackage(path, from, packageOf(target), how === 'dynamic' || typeOnly, packages, inTest);
}

function againstOurs(path: string, from: Place, target: string, inTest: boolean) {
  const resolved = posix.join(posix.dirname(path), target);
  if (!resolved.startsWith('src/')) return inTest ? undefined : 'it leaves src';
  const to = placeOf(resolved);
  if (!(to.floor in mayImport)) return `the house has no floor "${to.floor}"`;

  if (from.floor === to.floor) return againstSameFloor(from, to);
  if (to.floor === 'root') return 'the root is the face of the package; nothing inside imports it';
  if (inTest && !pureFloors.has(from.floor)) return undefined;

  const handsInTheLab = to.floor === 'lab' && from.floor === 'doors' && from.room === 'cli';
  const goesOut = to.floor === 'ports' && to.room === 'net' && to.file === 'index.ts' && from.floor === 'doors';
  if (!mayImport[from.floor]!.includes(to.floor) && !handsInTheLab && !goesOut)
    return `${from.floor} may not import ${to.floor}`;
  if (to.floor === 'flow' && (to.room || !['index.ts', 'decide.ts'].includes(to.file))) {
    return 'flow is entered through flow/index.ts or flow/decide.ts';
  }
  return undefined;
}

function againstSameFloor(from: Place, to: Place) {
  if (from.room === to.room) return undefined;
  if (from.floor === 'flow') {
    if (!to.room) return 'a room does not know what composes it';
    if (to.file !== 'index.ts') return `the room ${to.room} is entered through its index.ts`;
    if (from.room && way.indexOf(to.room) > way.indexOf(from.room)) return `${to.room} comes after ${from.room}`;
  }
  if (from.floor === 'ports' && to.room) {
    if (to.room !== 'net' || from.room === 'store') return 'a port knows no other port';
    if (to.file !== 'index.ts') return `the port ${to.room} is entered through its index.ts`;
  }
  if (from.floor === 'doors' && to.room) {
    if (from.room !== 'cli' && to.room !== 'guard') return 'a door knows no other door; only the CLI opens them';
    if (to.file !== 'index.ts') return `the door ${to.room} is entered through its index.ts`;
  }
  return undefined;
}

function againstRuntime(from: Place, target: string, inTest: boolean) {
  if (!target.startsWith('node:')) return 'a module of the runtime is imported with node:';
  const allowed = mayUseRuntime[from.floor];
  if (!allowed || inTest || allowed.has(target)) return undefined;
  return from.floor === 'base' ? 'base knows no I/O' : `${from.floor} is pure; it knows nothing of the runtime`;
}

function againstPackage(path: string, from: Place, name: string, late: boolean, packages: Packages, inTest: boolean) {
  if (name === packages.name) return 'inside the package, imports are relative';
  if (inTest && (packages.development.has(name) || packages.peers.has(name))) return undefined;
  if (!packages.dependencies.has(name) && !packages.peers.has(name)) return 'it is no dependency of the package';
  if (mayUse[from.floor] && !mayUse[from.floor]!.includes(name)) return `${from.floor} does not use ${name}`;
  if (from.floor === 'ports' && !(name === 'zod' && from.file === 'declare.ts') && !isAdapterFile(path) && !inTest) {
    return 'only adapters know third parties';
  }
  if (packages.peers.has(name) && !late) return 'an optional peer is loaded where it is used, by import()';
  return undefined;
}

/** `src/flow/plan/decide.ts` is the file `decide.ts` in the room `plan` of the floor `flow`. */
function placeOf(path: string): Place {
  const [, floor = '', ...rest] = path.split('/');
  if (rest.length === 0) return { floor: 'root', room: '', file: floor };
  if (!roomedFloors.has(floor) || rest.length === 1) return { floor, room: '', file: rest.join('/') };
  const [room = '', ...file] = rest;
  return { floor, room, file: file.join('/') };
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
