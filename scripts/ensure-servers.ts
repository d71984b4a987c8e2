// Installs the real servers and the browser that the whole tests run against, where that is possible: on Debian and its kin, as root
// (in CI also by sudo). Elsewhere it says what is missing, and the tests that need it say that they were skipped.
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './steps.ts';

type Server = { name: string; debianPackage: string; isInstalled: () => boolean };

const isOnPath = (command: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));

const servers: Server[] = [
  {
    name: 'PostgreSQL',
    debianPackage: 'postgresql',
    // Debian keeps the server itself off the PATH.
    isInstalled: () => isOnPath('postgres') || globSync('/usr/lib/postgresql/*/bin/postgres').length > 0,
  },
  { name: 'bubblewrap', debianPackage: 'bubblewrap', isInstalled: () => isOnPath('bwrap') },
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    isInstalled: () => ['chromium', 'chromium-browser', 'google-chrome'].some(isOnPath),
  },
];

const inCi = process.env['CI'] === 'true';
const missing = servers.filter((server) => !server.isInstalled());
if (missing.length > 0) await install(missing);

for (const server of missing.filter((one) => !one.isInstalled())) {
  console.error(
    `${server.name} is not installed; ${inCi ? 'CI runs no fewer tests than all' : 'the tests that need it are skipped'}.` +
      ` On Debian: apt-get install ${server.debianPackage}`,
  );
  if (inCi) process.exitCode = 1;
}

async function install(wanted: Server[]): Promise<void> {
  const prefix = rightsPrefix();
  if (!prefix || !isOnPath('apt-get')) return;
  const aptGet = (...args: string[]) => {
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return run(command!, rest);
  };
  const install = () => aptGet('install', '-y', '--no-install-recommends', ...wanted.map((one) => one.debianPackage));

  console.log(`Installing ${wanted.map((one) => one.name).join(', ')}...`);
  // A fresh machine has no package lists, a stale one has lists of files that are gone.
  if ((await install()) !== 0 && (await aptGet('update')) === 0) await install();
}

function rightsPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return inCi && isOnPath('sudo') ? ['sudo', '-n'] : undefined;
}
