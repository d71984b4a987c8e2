/**
 * An AND/OR graph, and the cheapest way through it: Knuth's generalisation of Dijkstra's algorithm.
 *
 * G1  A node needs `need` of its children: all = AND, 1 = OR, between = a quorum; none = a leaf.
 * G2  A node costs its weight and its `need` cheapest children. Costs never fall along an edge, so nodes are
 *     final in the order of their costs, each once: O(edges x log nodes), and circles do no harm.
 * G3  The cut is the same question asked of the dual: where a node needs k of n, n - k + 1 shut children shut it.
 * G4  Ties go to the node and the child that were added first, so the same graph gives the same answer.
 */

/** Written once from the front; a child may be added before the node it belongs to or after it. */
export interface AndOr {
  weight: number[];
  need: number[];
  children: number[][];
  /** Leaves that cannot be passed. */
  shut: boolean[];
}

export function emptyGraph(): AndOr {
  return { weight: [], need: [], children: [], shut: [] };
}

export function addLeaf(graph: AndOr, weight: number, shut = false): number {
  return add(graph, weight, 0, [], shut);
}

/** `need`: how many of the children; left out, all of them. */
export function addNode(graph: AndOr, children: number[], need = children.length, weight = 0): number {
  return add(graph, weight, need, children, false);
}

function add(graph: AndOr, weight: number, need: number, children: number[], shut: boolean): number {
  graph.weight.push(weight);
  graph.need.push(need);
  graph.children.push(children);
  return graph.shut.push(shut) - 1;
}

/** The cost of every node; Infinity = no way. */
export function solve(graph: AndOr): Float64Array {
  return passes(graph.weight.length, graph.children, graph.need, (node) =>
    graph.shut[node] === true ? Infinity : graph.weight[node]!,
  );
}

/**
 * A smallest set of shut leaves (counted as in a tree) that shuts this node, none of them needless. Of equal
 * sets the one with more of `sooner` is taken.
 */
export function cutOf(graph: AndOr, root: number, sooner: (leaf: number) => boolean = () => false): number[] {
  const { children, need, shut } = graph;
  const dual = children.map((list, node) => (list.length === 0 ? 0 : list.length - need[node]! + 1));
  const sizes = passes(children.length, children, dual, (node) =>
    children[node]!.length > 0 ? 0 : shut[node] === true ? (sooner(node) ? SOONER : 1) : Infinity,
  );
  if (sizes[root] === Infinity) return [];
  const cut = new Set<number>();
  const seen = new Set<number>();
  const look = [root];
  for (let node = look.pop(); node !== undefined; node = look.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (children[node]!.length === 0) cut.add(node);
    else look.push(...cheapest(children[node]!, sizes, dual[node]!));
  }
  return withoutNeedless(
    graph,
    root,
    [...cut].sort((a, b) => a - b),
  );
}

/** A leaf that shuts two places may make another needless. */
function withoutNeedless(graph: AndOr, root: number, cut: number[]): number[] {
  if (cut.length > MOST_CHECKED) return cut;
  const only = (members: ReadonlySet<number>): boolean => {
    const cost = solve({ ...graph, shut: graph.shut.map((_, node) => members.has(node)) });
    return cost[root] === Infinity;
  };
  const kept = new Set(cut);
  for (const member of cut) {
    kept.delete(member);
    if (!only(kept)) kept.add(member);
  }
  return [...kept];
}

const SOONER = 0.9;
/** Each member of a cut is tried by a pass over the graph: beyond this many, what is needless may stay. */
const MOST_CHECKED = 256;

/** The children that make up a node's cost. */
export function cheapest(children: readonly number[], costs: Float64Array, need: number): number[] {
  if (need >= children.length) return [...children];
  const order = children.map((_, place) => place);
  order.sort((a, b) => costs[children[a]!]! - costs[children[b]!]! || a - b);
  return order.slice(0, need).map((place) => children[place]!);
}

function passes(
  count: number,
  children: readonly number[][],
  need: readonly number[],
  weightOf: (node: number) => number,
): Float64Array {
  const cost = new Float64Array(count).fill(Infinity);
  const sum = new Float64Array(count);
  const left = new Int32Array(count);
  const final = new Uint8Array(count);
  const parents = parentsOf(count, children);
  const heap = createHeap(count);
  for (let node = 0; node < count; node++) {
    left[node] = need[node]!;
    sum[node] = weightOf(node);
    if (left[node]! <= 0 && sum[node]! < Infinity) heap.push(node, sum[node]!);
  }
  for (let node = heap.pop(); node >= 0; node = heap.pop()) {
    if (final[node] === 1) continue;
    final[node] = 1;
    cost[node] = sum[node]!;
    for (let i = parents.start[node]!; i < parents.start[node + 1]!; i++) {
      const parent = parents.list[i]!;
      // Its cheapest children come first: when it has enough, later ones count no more.
      if (left[parent]! <= 0) continue;
      left[parent]!--;
      sum[parent]! += cost[node]!;
      if (left[parent] === 0 && sum[parent]! < Infinity) heap.push(parent, sum[parent]!);
    }
  }
  return cost;
}

function parentsOf(count: number, children: readonly number[][]): { start: Int32Array; list: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const list of children) for (const child of list) start[child + 1]!++;
  for (let node = 0; node < count; node++) start[node + 1]! += start[node]!;
  const list = new Int32Array(start[count]!);
  const place = start.slice();
  for (let node = 0; node < count; node++) for (const child of children[node]!) list[place[child]!++] = node;
  return { start, list };
}

/** Smallest cost first, then the node that was added first. Every node is pushed once. */
function createHeap(count: number) {
  const nodes = new Int32Array(count);
  const keys = new Float64Array(count);
  let size = 0;
  const before = (a: number, b: number): boolean =>
    keys[a]! < keys[b]! || (keys[a] === keys[b] && nodes[a]! < nodes[b]!);
  const swap = (a: number, b: number): void => {
    const [node, key] = [nodes[a]!, keys[a]!];
    nodes[a] = nodes[b]!;
    keys[a] = keys[b]!;
    nodes[b] = node;
    keys[b] = key;
  };
  return {
    push(node: number, key: number): void {
      nodes[size] = node;
      keys[size] = key;
      for (let at = size++; at > 0;) {
        const up = (at - 1) >> 1;
        if (!before(at, up)) break;
        swap(at, up);
        at = up;
      }
    },
    pop(): number {
      if (size === 0) return -1;
      const top = nodes[0]!;
      swap(0, --size);
      for (let at = 0; ;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) if (child < size && before(child, least)) least = child;
        if (least === at) return top;
        swap(at, least);
        at = least;
      }
    },
  };
}
