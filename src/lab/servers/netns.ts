/**
 * A small network of its own, in network namespaces of this host: nodes on one switch, each with an
 * address in 10.77.x.0/24 that is reachable from nowhere else. A node can be cut off and healed;
 * packets are then lost in silence, as with a pulled cable. Needs root and Linux.
 */
import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault } from '../../base/index.ts';
import { createKeeper } from './keeper.ts';

const exec = promisify(execFile);

export interface Network<Name extends string> {
  readonly nodes: Readonly<Record<Name, NetworkNode>>;
  /** Loses all packets from and to this node. */
  cut(name: Name): Promise<void>;
  /** Loses the packets that one node sends to another; the way back stays open. */
  cutWay(from: Name, to: Name): Promise<void>;
  /** Undoes all cuts of this node. */
  heal(name: Name): Promise<void>;
  /** Removes the namespaces. Processes in them are not ended, but have no network any more. */
  close(): Promise<void>;
}

export interface NetworkNode {
  readonly address: string;
  /** The name of its namespace. */
  readonly namespace: string;
  /** Starts a program inside; its process id is the program's own. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Runs a program inside to its end. */
  run(command: string, ...args: string[]): Promise<string>;
}

/** Why no network can be made here, or null. */
export async function whyNoNetwork(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces are there on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `skein-probe-${randomBytes(4).toString('hex')}`;
  try {
    await exec('ip', ['netns', 'add', name]);
  } catch (error) {
    return `no network namespace can be made here: ${(error as Error).message}`;
  }
  try {
    await exec('ip', ['-n', name, 'link', 'add', 'br0', 'type', 'bridge']);
    await exec('ip', ['-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
    return null;
  } catch (error) {
    return `this kernel cannot make bridges or veth pairs: ${(error as Error).message}`;
  } finally {
    await exec('ip', ['netns', 'del', name]).catch(() => {});
  }
}

export async function createNetwork<Name extends string>(names: readonly Name[]): Promise<Network<Name>> {
  const why = await whyNoNetwork();
  if (why !== null) throw new Fault('internal', why);
  const id = randomBytes(3);
  const prefix = `skein-${id.toString('hex')}`;
  const net = `10.77.${id[0]}`;
  const hub = `${prefix}-switch`;
  const spaces = names.map((name) => `${prefix}-${name}`);
  // Deletes what is there, whatever became of us.
  const keeper = createKeeper('for ns in "$@"; do ip netns del "$ns" 2>/dev/null; done', [...spaces, hub]);
  const ip = async (...args: string[]): Promise<void> => {
    await exec('ip', args);
  };
  const place = (name: Name): number => names.indexOf(name);
  const address = (at: number): string => `${net}.${at + 1}`;
  const hardware = (at: number): string => `02:00:00:00:00:${(at + 1).toString(16).padStart(2, '0')}`;
  /** Nobody has it: what is sent there is lost. */
  const NOBODY = '02:00:00:00:00:ff';

  /** Addresses are told, not asked for: a cut is then seen by nobody. */
  async function tell(from: number, to: number, lladdr: string): Promise<void> {
    await ip('-n', spaces[from]!, 'neigh', 'replace', address(to), 'lladdr', lladdr, 'dev', 'eth0', 'nud', 'permanent');
  }

  async function build(): Promise<void> {
    await ip('netns', 'add', hub);
    await ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
    await ip('-n', hub, 'link', 'set', 'br0', 'up');
    for (const [at, space] of spaces.entries()) {
      await ip('netns', 'add', space);
      await ip(
        '-n',
        hub,
        'link',
        'add',
        `port${at}`,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'address',
        hardware(at),
        'netns',
        space,
      );
      await ip('-n', hub, 'link', 'set', `port${at}`, 'master', 'br0', 'up');
      await ip('-n', space, 'addr', 'add', `${address(at)}/24`, 'dev', 'eth0');
      await ip('-n', space, 'link', 'set', 'lo', 'up');
      await ip('-n', space, 'link', 'set', 'eth0', 'up');
      for (const other of spaces.keys()) if (other !== at) await tell(at, other, hardware(other));
    }
  }

  try {
    await build();
  } catch (error) {
    await keeper.finish();
    throw new Fault('internal', `the network could not be made: ${(error as Error).message}`, { cause: error });
  }

  const nodes = {} as Record<Name, NetworkNode>;
  for (const [at, name] of names.entries()) {
    const namespace = spaces[at]!;
    nodes[name] = {
      address: address(at),
      namespace,
      spawn: (command, args, options = {}) => spawn('ip', ['netns', 'exec', namespace, command, ...args], options),
      run: async (command, ...args) => (await exec('ip', ['netns', 'exec', namespace, command, ...args])).stdout,
    };
  }
  return {
    nodes,
    cut: (name) => ip('-n', hub, 'link', 'set', `port${place(name)}`, 'nomaster'),
    cutWay: (from, to) => tell(place(from), place(to), NOBODY),
    async heal(name) {
      const at = place(name);
      await ip('-n', hub, 'link', 'set', `port${at}`, 'master', 'br0');
      for (const other of spaces.keys()) {
        if (other === at) continue;
        await tell(at, other, hardware(other));
        await tell(other, at, hardware(at));
      }
    },
    close: () => keeper.finish(),
  };
}
