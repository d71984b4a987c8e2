/**
 * LangGraph: a StateGraph with one node a step, one thread a run, default durability ("async": a
 * checkpoint is written while the next step already runs). Variants: none | memory | sqlite.
 */
import { join } from 'node:path';
import type { Kept } from '../engine.ts';
import { stepIds } from '../workloads.ts';
import { measurePeer } from './peer.ts';
import { Database } from './sqlite-shim.ts';

interface State {
  value: number;
}
interface Graph {
  addNode(id: string, node: (state: State) => Promise<State>): unknown;
  addEdge(from: string | string[], to: string): unknown;
  compile(options: { checkpointer?: unknown }): {
    invoke(input: State, config: object): Promise<State>;
  };
}
interface LangGraph {
  Annotation: {
    (options: object): unknown;
    Root(fields: Record<string, unknown>): unknown;
  };
  END: string;
  MemorySaver: new () => unknown;
  START: string;
  StateGraph: new (state: unknown) => Graph;
}

const KEPT: Record<string, Kept> = {
  none: 'nothing',
  memory: 'in memory',
  sqlite: 'written, synced later',
};
const NAMES: Record<string, string> = {
  none: 'LangGraph, no saver',
  memory: 'LangGraph, MemorySaver',
  sqlite: 'LangGraph, SQLite saver',
};

await measurePeer('@langchain/langgraph', async ({ variant, dir, load }) => {
  const { Annotation, END, MemorySaver, START, StateGraph } = await load<LangGraph>('@langchain/langgraph');

  const saver = async (): Promise<unknown> => {
    if (variant === 'memory') return new MemorySaver();
    if (variant !== 'sqlite') return undefined;
    const { SqliteSaver } = await load<{ SqliteSaver: new (db: Database) => unknown }>(
      '@langchain/langgraph-checkpoint-sqlite',
    );
    return new SqliteSaver(new Database(join(dir, 'langgraph.sqlite')));
  };
  const checkpointer = await saver();

  // Nodes of one level write the same field in one step, so it needs a reducer: the largest.
  const state = Annotation.Root({
    value: Annotation({ reducer: Math.max, default: () => 0 }),
  });

  return {
    name: NAMES[variant]!,
    kept: KEPT[variant]!,
    prepare(workload, work) {
      const graph = new StateGraph(state);
      let before = [START];
      for (const level of stepIds(workload)) {
        for (const id of level) {
          graph.addNode(id, async ({ value }) => ({ value: await work(value) }));
          graph.addEdge(before.length === 1 ? before[0]! : before, id);
        }
        before = level;
      }
      graph.addEdge(before.length === 1 ? before[0]! : before, END);
      const compiled = graph.compile(checkpointer ? { checkpointer } : {});
      return async (run) => {
        const config = { configurable: { thread_id: run }, recursionLimit: 50 };
        return (await compiled.invoke({ value: 0 }, config)).value;
      };
    },
    close() {},
  };
});
