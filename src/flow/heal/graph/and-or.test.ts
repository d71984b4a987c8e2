/** The cheapest way and the cut, held against trying everything out. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addLeaf, addNode, type AndOr, cutOf, emptyGraph, solve } from './and-or.ts';

/** Small graphs: leaves first, then nodes over whatever is there. */
const graphs = fc
  .record({
    leaves: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), shut: fc.boolean() }), {
      minLength: 1,
      maxLength: 7,
    }),
    nodes: fc.array(fc.record({ children: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), need: fc.nat() }), {
      minLength: 1,
      maxLength: 7,
    }),
  })
  .map(({ leaves, nodes }) => {
    const graph = emptyGraph();
    for (const leaf of leaves) addLeaf(graph, leaf.weight, leaf.shut);
    for (const { children, need } of nodes) {
      const there = graph.weight.length;
      const list = children.map((child) => child % there);
      addNode(graph, list, 1 + (need % list.length));
    }
    return graph;
  });

function costByTrying({ weight, need, children, shut }: AndOr, node: number): number {
  const list = children[node]!;
  if (list.length === 0) return shut[node] === true ? Infinity : weight[node]!;
  const costs = list.map((child) => costByTrying({ weight, need, children, shut }, child)).sort((a, b) => a - b);
  return weight[node]! + costs.slice(0, need[node]).reduce((sum, cost) => sum + cost, 0);
}

test('every node costs what trying everything says it costs', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const costs = solve(graph);
      for (const node of graph.weight.keys()) expect(costs[node]).toBe(costByTrying(graph, node));
    }),
  );
});

test('a cut shuts the node, and no member of it is needless', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const root = graph.weight.length - 1;
      const cut = cutOf(graph, root);
      if (solve(graph)[root] !== Infinity) {
        expect(cut).toEqual([]);
        return;
      }
      expect(cut.every((leaf) => graph.shut[leaf] === true)).toBe(true);
      const only = (members: number[]) =>
        solve({ ...graph, shut: graph.shut.map((_, i) => members.includes(i)) })[root];
      expect(only(cut)).toBe(Infinity);
      for (const member of cut) expect(only(cut.filter((one) => one !== member))).toBeLessThan(Infinity);
    }),
  );
});

test('a circle costs nothing to who stands outside of it, and shuts who stands in it', () => {
  const graph = emptyGraph();
  const leaf = addLeaf(graph, 3);
  const [a, b] = [1, 2];
  addNode(graph, [b]);
  addNode(graph, [a]);
  const root = addNode(graph, [a, leaf], 1);
  expect([...solve(graph)]).toEqual([3, Infinity, Infinity, 3]);
  expect(root).toBe(3);
});
