/** Who is measured. Each subject is a script that prints one JSON line (see `child.ts`). */
import { join } from 'node:path';
import { peerFolder } from './peers/install.ts';
import { PEERS, QUIET } from './peers/peers.ts';

export interface Subject {
  key: string;
  group: 'own' | 'floor' | 'peer';
  script: string;
  args: string[];
  limitMs: number;
  /** Measured in the first round only: slow, and steady enough. */
  once?: boolean;
  env?: Record<string, string>;
  /** Put before the command, to run it in a network that has only loopback. */
  before?: string[];
}

const house = (key: string, group: 'own' | 'floor', limitMs = 60_000, once = false): Subject => ({
  key,
  group,
  script: join(import.meta.dirname, 'subject.ts'),
  args: [key],
  limitMs,
  once,
});

/** What the machine and SQLite allow, with little or nothing of an engine on top. */
export const FLOOR: readonly Subject[] = [
  house('raw', 'floor'),
  house('bare', 'floor'),
  house('journal40', 'floor'),
  house('journal40Wide', 'floor'),
  house('journal40Normal', 'floor'),
];

export const OWN: readonly Subject[] = [
  house('durable', 'own'),
  house('durableBarrier', 'own'),
  house('memory', 'own'),
  house('resume', 'own'),
  house('loop', 'own', 120_000),
  house('bytes1000', 'own', 60_000, true),
  house('bytes50000', 'own', 120_000, true),
  house('bytesEvicted', 'own', 60_000, true),
];

const peer = (script: string, variants: Record<string, string>) =>
  Object.entries(variants).map(([key, variant]): Subject => ({
    key,
    group: 'peer',
    script: join(import.meta.dirname, 'peers', `${script}.ts`),
    args: [variant, '--modules', peerFolder(script)],
    limitMs: 120_000,
    env: QUIET,
  }));

const PEER_SUBJECTS: Record<string, readonly Subject[]> = {
  langgraph: peer('langgraph', {
    langgraph: 'none',
    langgraphMemory: 'memory',
    langgraphSqlite: 'sqlite',
  }),
  mastra: peer('mastra', { mastra: 'none', mastraLibsql: 'libsql' }),
  restate: peer('restate', { restate: 'server' }),
};

/** The peers that can run here; for the others `missing` gains the reason. */
export function peerSubjects(missing: Map<string, string>, loopback: string[] | undefined): Subject[] {
  for (const { name, callsHome } of PEERS) {
    if (callsHome && !loopback && !missing.has(name)) {
      missing.set(name, `${callsHome}, and this system has no \`unshare\` to keep it on loopback`);
    }
  }
  return Object.entries(PEER_SUBJECTS)
    .filter(([name]) => !missing.has(name))
    .flatMap(([, subjects]) => subjects.map((subject) => ({ ...subject, before: loopback })));
}
