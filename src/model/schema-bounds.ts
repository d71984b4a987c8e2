/**
 * Does reading a schema come to an end? One that refers to itself where no part of the value was taken in between never
 * does, and one that doubles with each reference not in time. References within properties and items are fine: values end.
 */
import type { Json } from '../base/index.ts';

/** Schemas that one place of a value is held against, all references followed. Those that people write have dozens. */
const MOST_AT_A_PLACE = 1_000;
/** Members whose schemas are held against the same place of the value. */
const HERE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'] as const;

type Node = { [key: string]: Json };

/** Why it does not, in words; undefined when it does. */
export function endlessProblem(root: Json): string | undefined {
  const found = new Map<Node, number>();
  const open: Json[] = [root];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    for (const member of Object.values(one)) if (member !== undefined) open.push(member);
    if (isNode(one) && countAt(one, root, found, 0) > MOST_AT_A_PLACE)
      return 'its references lead to themselves, or too far';
  }
  return undefined;
}

function countAt(node: Node, root: Json, found: Map<Node, number>, depth: number): number {
  const known = found.get(node);
  if (known !== undefined) return known;
  if (depth > MOST_AT_A_PLACE) return Infinity;
  // Met again on its own way: without end.
  found.set(node, Infinity);
  let count = 1;
  for (const next of schemasHere(node, root)) count += countAt(next, root, found, depth + 1);
  found.set(node, count);
  return count;
}

function schemasHere(node: Node, root: Json): Node[] {
  const here: (Json | undefined)[] = HERE.flatMap((key) => node[key] ?? []);
  if (typeof node['$ref'] === 'string') here.push(pointedAt(node['$ref'], root));
  return here.filter(isNode);
}

function pointedAt(ref: string, root: Json): Json | undefined {
  const [whole, ...path] = ref.split('/');
  if (whole !== '#') return undefined;
  let at: Json | undefined = root;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Node)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}

function isNode(value: Json | undefined): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
