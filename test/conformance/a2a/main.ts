// The A2A conformance suite (a2aproject/a2a-tck, a checkout named by --suite DIR) against examples/a2a-agent, over
// JSON-RPC, HTTP+JSON and gRPC. It runs on Debian's own Python packages; what they lack is in debian_protobuf.py.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Score } from '../main.ts';
import { readJunit } from './junit.ts';

/** Several of its tests wait ten seconds for a stream that must stay open. */
const SUITE_MS = 600_000;
const START_MS = 30_000;
const PYTHON = '/usr/bin/python3';
const PACKAGES =
  'python3-grpcio python3-httpx python3-pytest python3-pytest-asyncio python3-jsonschema python3-protobuf';

export async function score(flags: readonly string[]): Promise<Score> {
  const suite = folderOf(flags);
  const out = await mkdtemp(join(tmpdir(), 'skein-a2a-tck-'));
  const agent = spawn(process.execPath, ['--no-warnings', 'examples/a2a-agent/main.ts'], {
    cwd: resolve(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((done) => agent.once('exit', () => done()));
  try {
    const { url } = await said(agent);
    const report = join(out, 'report.xml');
    const words = await run(PYTHON, commandOf(suite, url, report), suite);
    if (!existsSync(report))
      throw new Error(`the suite gave no report (apt install ${PACKAGES}):\n${words.slice(-3000)}`);
    return { suite: 'a2a', version: await versionOf(suite), ...readJunit(await readFile(report, 'utf8')) };
  } finally {
    agent.kill();
    await gone;
    await rm(out, { recursive: true, force: true });
  }
}

function folderOf(flags: readonly string[]): string {
  const at = flags.indexOf('--suite');
  const folder = at < 0 ? undefined : flags[at + 1];
  if (folder !== undefined && existsSync(join(folder, 'tests/compatibility'))) return resolve(folder);
  throw new Error(
    'name a checkout of the suite: git clone -b 1.0-dev https://github.com/a2aproject/a2a-tck DIR, then ' +
      'npm run conformance -- a2a --suite DIR',
  );
}

function commandOf(suite: string, url: string, report: string): string[] {
  const settings = `-c ${join(import.meta.dirname, 'pytest.ini')}`;
  const plugins = '-p debian_protobuf -p no:cacheprovider';
  const words = `-m pytest ${plugins} ${settings} -q --tb=short tests/compatibility/`.split(' ');
  return [...words, `--rootdir=${suite}`, `--junitxml=${report}`, `--sut-host=${url}`];
}

function said(agent: ReturnType<typeof spawn>): Promise<{ url: string }> {
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`the agent did not start in ${START_MS} ms`)), START_MS);
    agent.stdout?.once('data', (line: Buffer) => {
      clearTimeout(late);
      done(JSON.parse(line.toString()) as { url: string });
    });
  });
}

/** It exits with 1 where a test fails: its report says which. */
function run(command: string, args: string[], cwd: string): Promise<string> {
  const env = { ...process.env, PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1' };
  return new Promise((done) =>
    execFile(command, args, { cwd, env, timeout: SUITE_MS, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      done(`${stdout}${stderr}`),
    ),
  );
}

async function versionOf(suite: string): Promise<string> {
  const commit = (await run('git', ['rev-parse', 'HEAD'], suite)).trim();
  return /^[0-9a-f]{40}$/.test(commit) ? commit : 'a checkout without its history';
}
