// What a stranger does with the packed package: install it into an empty folder, make a project, install, test, run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'skein init '));
const home = join(folder, 'empty');
const project = join(home, 'flock');
let tarball = '';
/** The machine's own Node, where it is one that Skein does not run on. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return stdout != null && /^v(1[89]|2[0-3])\./.test(stdout);
});

beforeAll(() => {
  tell('npm', ['run', '-s', 'build'], root);
  const [{ filename }] = JSON.parse(
    tell('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  ) as [{ filename: string }];
  tarball = join(folder, filename);
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  tell('npm', ['install', '--prefer-offline', '--omit=peer', tarball], home);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package is under 2 MB', () => {
  expect(statSync(tarball).size).toBeLessThan(2_000_000);
});

test('skein init makes a project that depends on this very package, tests green and runs at once', () => {
  const said = tell('npx', ['skein', 'init', 'flock'], home);
  expect(said).toContain('✓ flock: package.json, tsconfig.json, skein.config.ts');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies: { skein: string };
    devDependencies?: { node: string };
  };
  // It was made by a Node out of node_modules (npm run brings it), or by the machine's.
  const isOwn = process.execPath.includes('node_modules');
  expect(devDependencies?.node).toBe(isOwn ? `^${process.versions.node}` : undefined);
  expect(join(project, dependencies.skein.replace('file:', ''))).toBe(tarball);
  tell('npm', ['install', '--prefer-offline', '--omit=peer'], project);
  expect(tell('npm', ['test'], project)).toMatch(/pass 2[^]*fail 0/);
  expect(tell('npx', ['skein', 'check'], project)).toContain('✓ 1 workflow, 2 agents');
  expect(tell('npm', ['run', '-s', 'types'], project)).toBe('');
  writeFileSync(
    join(project, 'wrong.ts'),
    `import { workflow } from 'skein';\nworkflow('a', { retries: 1 }, () => 1);\n`,
  );
  expect(spawnSync('npx', ['tsc'], { cwd: project, encoding: 'utf8', env }).stdout).toContain(
    `'retries' does not exist`,
  );
  const ran = tell('npx', ['skein', 'run', 'brief', '--input', '["geese"]', '--json'], project);
  expect(JSON.parse(ran)).toMatchObject({
    outcome: 'completed',
    output: 'geese fly in formation and take turns in front',
  });
}, 180_000);

test('from a clone it packs the clone into the project, for npm to install', () => {
  const main = join(root, 'src/doors/cli/main.ts');
  const said = tell(process.execPath, ['--no-warnings', main, 'init', 'of a clone/own'], folder);
  expect(said).toContain(`cd 'of a clone/own'`);
  const own = join(folder, 'of a clone/own');
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
    dependencies: { skein: string };
  };
  expect(dependencies).toEqual({ skein: expect.stringMatching(/^file:skein-[\d.]+\.tgz$/) });
  const files = tell('tar', ['-tzf', dependencies.skein.slice('file:'.length)], own);
  // The same as the tarball that was installed above.
  expect(files).toBe(tell('tar', ['-tzf', tarball], own));
}, 180_000);

test('it writes over nothing', () => {
  const { status, stderr } = spawnSync('npx', ['skein', 'init', 'flock'], { cwd: home, encoding: 'utf8', env });
  expect(status).toBe(5);
  expect(stderr).toContain('conflict: flock is not empty');
});

/** The node that runs this, first: what a stranger with that version has. */
const env = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
};

function tell(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env, timeout: 170_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

test.skipIf(oldNode === undefined)('an older Node is told what is wanted', () => {
  const main = join(home, 'node_modules/skein/dist/doors/cli/main.js');
  const { status, stderr } = spawnSync(oldNode!, [main, 'ps'], { cwd: home, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Skein needs Node 24\.15 or newer; this is \d+\.[\d.]+\.\nnext: npm install node /);
});
