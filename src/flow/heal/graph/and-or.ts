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
 * sets the one with more of `sooner` is taken. Only what the node stands on is looked at.
 */
export function cutOf(whole: AndOr, root: number, sooner: (leaf: number) => boolean = () => false): number[] {
  const below = nodesUnder(whole, root);
  const graph = below.length === whole.shut.length ? whole : partOf(whole, below);
  const { children, need, shut } = graph;
  const at = graph === whole ? (node: number) => node : (node: number) => below[node]!;
  const top = graph === whole ? root : below.indexOf(root);
  const dual = children.map((list, node) => (list.length === 0 ? 0 : list.length - need[node]! + 1));
  const sizes = passes(children.length, children, dual, (node) =>
    children[node]!.length > 0 ? 0 : shut[node] === true ? (sooner(at(node)) ? SOONER : 1) : Infinity,
  );
  if (sizes[top] === Infinity) return [];
  const cut = new Set<number>();
  const seen = new Set<number>();
  const look = [top];
  for (let node = look.pop(); node !== undefined; node = look.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (children[node]!.length === 0) cut.add(node);
    else look.push(...cheapest(children[node]!, sizes, dual[node]!));
  }
  return withoutNeedless(
    graph,
    top,
    [...cut].sort((a, b) => a - b),
  ).map(at);
}

/** In the order in which they were added (G4). */
function nodesUnder({ children }: AndOr, root: number): number[] {
  const seen = new Set([root]);
  for (const node of seen) for (const child of children[node]!) seen.add(child);
  return [...seen].sort((a, b) => a - b);
}

function partOf({ weight, need, children, shut }: AndOr, nodes: readonly number[]): AndOr {
  const place = new Map(nodes.map((node, i) => [node, i]));
  return {
    weight: nodes.map((node) => weight[node]!),
    need: nodes.map((node) => need[node]!),
    children: nodes.map((node) => children[node]!.map((child) => place.get(child)!)),
    shut: nodes.map((node) => shut[node]!),
  };
}

/** A leaf that shuts two places may make another needless. */
function withoutNeedless(graph: AndOr, root: number, cut: number[]): number[] {
  if (cut.length === 1 || cut.length > MOST_CHECKED) return cut;
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

interface Parents {
  count: number;
  start: Int32Array;
  list: Int32Array;
}
/** A graph is asked several times, with other weights, and its edges stay. */
const known = new WeakMap<readonly number[][], Parents>();

function parentsOf(count: number, children: readonly number[][]): Parents {
  const before = known.get(children);
  if (before?.count === count) return before;
  const start = new Int32Array(count + 1);
  for (let node = 0; node < count; node++) for (const child of children[node]!) start[child + 1]!++;
  for (let node = 0; node < count; node++) start[node + 1]! += start[node]!;
  const list = new Int32Array(start[count]!);
  const place = start.slice();
  for (let node = 0; node < count; node++) for (const child of children[node]!) list[place[child]!++] = node;
  const parents = { count, start, list };
  known.set(children, parents);
  return parents;
}

/** Smallest cost first, then the node that was added first. Every node is pushed once. */
function createHeap(count: number) {
  const nodes = new Int32Array(count);
  const keys = new Float64Array(count);
  let size = 0;
  return {
    push(node: number, key: number): void {
      let at = size++;
      while (at > 0) {
        const up = (at - 1) >> 1;
        if (keys[up]! < key || (keys[up] === key && nodes[up]! < node)) break;
        nodes[at] = nodes[up]!;
        keys[at] = keys[up]!;
        at = up;
      }
      nodes[at] = node;
      keys[at] = key;
    },
    pop(): number {
      if (size === 0) return -1;
      const top = nodes[0]!;
      const node = nodes[--size]!;
      const key = keys[size]!;
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        const right = child + 1;
        if (
          right < size &&
          (keys[right]! < keys[child]! || (keys[right] === keys[child] && nodes[right]! < nodes[child]!))
        )
          child = right;
        if (key < keys[child]! || (key === keys[child] && node < nodes[child]!)) break;
        nodes[at] = nodes[child]!;
        keys[at] = keys[child]!;
        at = child;
      }
      nodes[at] = node;
      keys[at] = key;
      return top;
    },
  };
}
