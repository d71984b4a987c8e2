/** Keeps a peer's process, and all it starts, on loopback: a network of its own with `lo` alone. */
import { spawnSync } from 'node:child_process';

const IN_OWN_NETWORK = ['unshare', '--user', '--map-root-user', '--net', '--', 'sh', '-c'];
const UP = 'ip link set lo up';

/** What to put before a command; undefined where the system cannot do it (Linux only). */
export function loopbackOnly(): string[] | undefined {
  const [command, ...args] = IN_OWN_NETWORK;
  const probe = spawnSync(command!, [...args, UP], { stdio: 'ignore', timeout: 5_000 });
  return probe.status === 0 ? [...IN_OWN_NETWORK, `${UP} && exec "$@"`, 'sh'] : undefined;
}
