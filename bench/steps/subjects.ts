/** Who is measured. Each subject is a script that prints one JSON line (see `child.ts`). */
import { join } from "node:path";
import { QUIET } from "./peers/peers.ts";

export interface Subject {
  key: string;
  group: "own" | "floor" | "peer";
  script: string;
  args: string[];
  limitMs: number;
  /** Measured in the first round only: slow, and steady enough. */
  once?: boolean;
  env?: Record<string, string>;
}

const house = (key: string, group: "own" | "floor", limitMs = 60_000, once = false): Subject => ({
  key,
  group,
  script: join(import.meta.dirname, "subject.ts"),
  args: [key],
  limitMs,
  once,
});

/** What the machine and SQLite allow, with little or nothing of an engine on top. */
export const FLOOR: readonly Subject[] = [
  house("raw", "floor"),
  house("bare", "floor"),
  house("journal40", "floor"),
  house("journal40Wide", "floor"),
  house("journal40Normal", "floor"),
];

export const OWN: readonly Subject[] = [
  house("durable", "own"),
  house("durableBarrier", "own"),
  house("memory", "own"),
  house("resume", "own"),
  house("loop", "own", 120_000),
  house("bytes1000", "own", 60_000, true),
  house("bytes50000", "own", 120_000, true),
];

const peer = (key: string, script: string, variant: string, folder: string): Subject => ({
  key,
  group: "peer",
  script: join(import.meta.dirname, "peers", `${script}.ts`),
  args: [variant, "--modules", folder],
  limitMs: 120_000,
  env: QUIET,
});

/** `folderOf` says where a peer is installed. */
export const peerSubjects = (folderOf: (peer: string) => string): Subject[] => [
  peer("langgraph", "langgraph", "none", folderOf("langgraph")),
  peer("langgraphMemory", "langgraph", "memory", folderOf("langgraph")),
  peer("langgraphSqlite", "langgraph", "sqlite", folderOf("langgraph")),
  peer("mastra", "mastra", "none", folderOf("mastra")),
  peer("mastraLibsql", "mastra", "libsql", folderOf("mastra")),
  peer("restate", "restate", "server", folderOf("restate")),
];
