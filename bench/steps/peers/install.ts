/**
 * Installs the peers at pinned versions into a scratch folder, never into this repository's
 * dependencies. No install script of theirs runs; nothing is compiled.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Peer, PEERS, QUIET } from './peers.ts';

const INSTALL_LIMIT_MS = 240_000;
const ROOT = resolve(import.meta.dirname, '../../../.scratch/peers');

export const peerFolder = (name: string): string => join(ROOT, name);

const versionIn = (folder: string, name: string): string | undefined => {
  const file = join(folder, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
};

const installed = (peer: Peer): boolean =>
  Object.entries(peer.packages).every(([name, version]) => versionIn(peerFolder(peer.name), name) === version);

/** npm says a code first and the reason after it; its paths and log files are of no use here. */
const npmReason = (said: string): string =>
  said
    .split('\n')
    .map((line) => line.replace(/^npm (error|warn)\s*/, '').trim())
    .filter((line) => line !== '' && !/complete log|_logs/.test(line))
    .slice(0, 2)
    .join(': ')
    .slice(0, 200);

function npmInstall(folder: string): Promise<string | undefined> {
  const child = spawn(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--legacy-peer-deps',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...QUIET },
      timeout: INSTALL_LIMIT_MS,
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk));
  return new Promise((done) => {
    child.once('error', (error) => done(`npm could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      if (signal) done(`npm install was not done after ${INSTALL_LIMIT_MS / 1_000} s`);
      else done(code === 0 ? undefined : `npm install failed: ${npmReason(said)}`);
    });
  });
}

/** Gives the reason when the peer could not be installed. */
export async function installPeer(peer: Peer): Promise<string | undefined> {
  if (installed(peer)) return undefined;
  const folder = peerFolder(peer.name);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: `bench-peer-${peer.name}`,
    private: true,
    type: 'module',
    dependencies: peer.packages,
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const failed = await npmInstall(folder);
  if (failed) return failed;
  return installed(peer) ? undefined : 'npm install finished without the pinned versions';
}

/** Installs all; the result names the peers that could not be, and why. */
export async function installPeers(onProgress: (line: string) => void): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const peer of PEERS) {
    if (!installed(peer)) onProgress(`installing ${peer.name}`);
    const reason = await installPeer(peer);
    if (reason) failed.set(peer.name, reason);
  }
  return failed;
}
