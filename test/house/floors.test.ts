import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wrongImports, type Packages } from './floors.ts';
import { readSources, repositoryRoot } from './sources.ts';

test('every import of the sources keeps to the floors', () => {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  const namesOf = (field: string) => new Set(Object.keys(manifest[field] ?? {}));
  const packages: Packages = {
    name: manifest.name,
    dependencies: namesOf('dependencies'),
    peers: namesOf('peerDependencies'),
    development: namesOf('devDependencies'),
  };
  expect(wrongImports(readSources('src'), packages)).toEqual([]);
});

const packages: Packages = {
  name: 'skein',
  dependencies: new Set(['zod', 'yaml', 'commander']),
  peers: new Set(['postgres', '@libp2p/tcp']),
  development: new Set(['vitest', 'postgres']),
};
const judge = (path: string, text: string) => wrongImports([{ path, text }], packages);

describe('refuses', () => {
  test.each([
    ['src/base/hash.ts', `import '../model/index.ts'`, 'base may not import model'],
    ['src/base/hash.ts', `import 'node:fs'`, 'base knows no I/O'],
    ['src/base/hash.ts', `import 'commander'`, 'base does not use commander'],
    ['src/base/hash.test.ts', `import '../site/index.ts'`, 'base may not import site'],
    ['src/model/run.ts', `import '../flow/index.ts'`, 'model may not import flow'],
    ['src/model/run.ts', `import type { A } from '../ports/store/port.ts'`, 'model may not import ports'],
    ['src/model/run.ts', `export * from '../author/index.ts'`, 'model may not import author'],
    ['src/model/run.ts', `type A = import('../site/index.ts').A`, 'model may not import site'],
    ['src/model/run.ts', `import 'node:crypto'`, 'it knows nothing of the runtime'],
    ['src/model/run.ts', `import { createHash } from 'crypto'`, 'imported with node:'],
    ['src/flow/plan/decide.ts', `import '../../ports/store/port.ts'`, 'flow may not import ports'],
    ['src/flow/plan/decide.ts', `import '../../author/index.ts'`, 'flow may not import author'],
    ['src/flow/plan/decide.ts', `import '../../doors/http/index.ts'`, 'flow may not import doors'],
    ['src/flow/plan/decide.ts', `await import('../../site/index.ts')`, 'flow may not import site'],
    ['src/flow/plan/decide.ts', `import 'node:timers'`, 'it knows nothing of the runtime'],
    ['src/flow/plan/decide.ts', `import '../settle/index.ts'`, 'settle comes after plan'],
    ['src/flow/admit/index.ts', `import '../plan/index.ts'`, 'plan comes after admit'],
    ['src/flow/heal/decide.ts', `import '../plan/decide.ts'`, 'the room plan is entered through its index.ts'],
    ['src/flow/heal/decide.ts', `import '../plan/deep/index.ts'`, 'the room plan is entered through its index.ts'],
    ['src/flow/heal/decide.ts', `import '../decide.ts'`, 'a room does not know what composes it'],
    ['src/flow/decide.ts', `import './plan/decide.ts'`, 'the room plan is entered through its index.ts'],
    ['src/flow/judge/index.ts', `export {}`, 'the way has no room "judge"'],
    ['src/author/yaml.ts', `import '../flow/index.ts'`, 'author may not import flow'],
    ['src/author/yaml.ts', `import 'commander'`, 'author does not use commander'],
    ['src/ports/store/port.ts', `import '../../flow/index.ts'`, 'ports may not import flow'],
    ['src/ports/store/port.ts', `import '../mesh/port.ts'`, 'a port knows no other port'],
    ['src/ports/store/port.ts', `import { z } from 'zod'`, 'only adapters know third parties'],
    ['src/ports/store/contract.ts', `await import('postgres')`, 'only adapters know third parties'],
    ['src/ports/store/faults.ts', `import 'zod'`, 'only adapters know third parties'],
    ['src/ports/store/index.ts', `import type A from 'postgres'`, 'only adapters know third parties'],
    ['src/ports/contract.ts', `import 'zod'`, 'only adapters know third parties'],
    ['src/ports/store/postgres.ts', `import postgres from 'postgres'`, 'an optional peer is loaded where it is used'],
    ['src/ports/store/postgres.ts', `import 'postgres'`, 'an optional peer is loaded where it is used'],
    ['src/ports/store/postgres.ts', `import postgres, { type A } from 'postgres'`, 'an optional peer is loaded'],
    ['src/ports/store/postgres.ts', `export * from 'postgres'`, 'an optional peer is loaded where it is used'],
    ['src/ports/store/postgres.ts', `const name = 'postgres'; await import(name)`, 'must be plain text'],
    ['src/ports/mesh/libp2p.ts', `import { tcp } from '@libp2p/tcp/deep'`, 'an optional peer is loaded'],
    ['src/ports/store/redis.ts', `import 'redis'`, 'it is no dependency of the package'],
    ['src/ports/store/memory.ts', `import 'vitest'`, 'it is no dependency of the package'],
    ['src/site/worker.ts', `import '../doors/http/index.ts'`, 'site may not import doors'],
    ['src/site/worker.ts', `import '../lab/index.ts'`, 'site may not import lab'],
    ['src/site/worker.ts', `import '../flow/plan/index.ts'`, 'flow is entered through'],
    ['src/site/worker.ts', `import '../flow/fold.ts'`, 'flow is entered through'],
    ['src/site/worker.ts', `import { A } from 'skein'`, 'inside the package, imports are relative'],
    ['src/site/worker.ts', `import { A } from 'skein/lab'`, 'inside the package, imports are relative'],
    ['src/site/worker.ts', `import '../../test/house/floors.ts'`, 'it leaves src'],
    ['src/site/worker.ts', `import '../index.ts'`, 'the root is the face of the package'],
    ['src/site/worker.ts', `import '../helpers/index.ts'`, 'the house has no floor "helpers"'],
    ['src/helpers/index.ts', `export {}`, 'the house has no floor "helpers"'],
    ['src/doors/http/index.ts', `import '../../flow/index.ts'`, 'doors may not import flow'],
    ['src/doors/http/index.ts', `import '../../ports/store/index.ts'`, 'doors may not import ports'],
    ['src/doors/http/index.ts', `import '../../lab/index.ts'`, 'doors may not import lab'],
    ['src/doors/http/index.ts', `import '../mcp/index.ts'`, 'a door knows no other door'],
    ['src/doors/http/index.ts', `import '../guard/tokens.ts'`, 'the door guard is entered through its index.ts'],
    ['src/doors/guard/index.ts', `import '../cli/index.ts'`, 'a door knows no other door'],
    ['src/doors/cli/main.ts', `import '../http/server.ts'`, 'the door http is entered through its index.ts'],
    ['src/client/index.ts', `import '../site/index.ts'`, 'client may not import site'],
    ['src/lab/sim.ts', `import '../flow/plan/index.ts'`, 'flow is entered through'],
    ['src/lab/sim.ts', `require('postgres')`, 'an optional peer is loaded where it is used'],
    ['src/index.ts', `import './flow/plan/index.ts'`, 'flow is entered through'],
  ])('%s: %s', (path, text, reason) => {
    expect(judge(path, text)).toEqual([expect.stringContaining(reason)]);
  });
});

describe('allows', () => {
  test.each([
    ['src/base/hash.ts', `import { createHash } from 'node:crypto'`],
    ['src/base/hash.test.ts', `import 'vitest'; import 'node:fs'`],
    ['src/model/run.ts', `import '../base/index.ts'; import './step.ts'; import 'zod'`],
    ['src/flow/plan/decide.ts', `import '../../model/index.ts'; import './graph.ts'; import '../admit/index.ts'`],
    ['src/flow/plan/deep/graph.ts', `import '../decide.ts'`],
    ['src/flow/heal/decide.ts', `import '../plan/index.ts'; import '../settle/index.ts'`],
    ['src/flow/decide.ts', `import './heal/index.ts'; import './admit/index.ts'; import './order.ts'`],
    ['src/author/yaml.ts', `import 'yaml'; import '../model/index.ts'; import 'node:async_hooks'`],
    ['src/ports/store/port.ts', `import '../../model/index.ts'; import '../contract.ts'`],
    ['src/ports/store/sqlite.ts', `import 'node:sqlite'; import './port.ts'; import 'zod'`],
    ['src/ports/store/postgres.ts', `import type { Sql } from 'postgres'; await import('postgres')`],
    ['src/ports/store/postgres/pool.ts', `await import('postgres')`],
    ['src/ports/store/postgres.test.ts', `import 'postgres'; import './postgres.ts'; import '../../lab/index.ts'`],
    ['src/site/worker.ts', `import '../flow/decide.ts'; import '../flow/index.ts'; import '../ports/store/sqlite.ts'`],
    ['src/site/worker.ts', `const load = (path: string) => import(path)`],
    ['src/doors/cli/main.ts', `import 'commander'; import '../http/index.ts'; import '../../lab/index.ts'`],
    ['src/doors/http/index.ts', `import '../problem.ts'; import '../guard/index.ts'; import '../../site/index.ts'`],
    ['src/client/index.ts', `import '../model/index.ts'`],
    ['src/lab/sim.ts', `import '../site/index.ts'; import '../ports/store/memory.ts'; import '../flow/decide.ts'`],
    ['src/index.ts', `export * from './author/index.ts'; export * from './site/index.ts'`],
  ])('%s: %s', (path, text) => {
    expect(judge(path, text)).toEqual([]);
  });
});
