/** Requests of random shape, drawn from the OpenAPI document: near to what it wants, and far from it. */
import * as fc from 'fast-check';
import { type Node, type Operation, operations, resolved } from './document.ts';

export interface RandomRequest {
  /** Its name. */
  operation: string;
  who: string;
  method: string;
  run: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: string | undefined;
}

export interface Known {
  callers: readonly string[];
  /** Ids of runs that are there. */
  runs: () => readonly string[];
  words: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];
const NASTY = ['', ' ', '\u0000', '../..', '%2e%2e%2f', '\ud800', '__proto__', 'constructor', '💥', 'x'.repeat(3_000)];
const NUMBERS = [0, -1, 1, 2 ** 31, 2 ** 53, 1e308, -0, 0.5, 1_000, 1_001, Date.now() + 60_000];

const text = (words: readonly string[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...words) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(...NASTY) },
  );
const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...NASTY, ...NUMBERS));

/** Values that fit a schema, mostly. */
function fitting(schema: Node, words: readonly string[], shapes: Record<string, Node>): fc.Arbitrary<unknown> {
  const inner = (node: unknown) => fitting(node as Node, words, shapes);
  const ref = schema['$ref'] as string | undefined;
  if (ref !== undefined) return inner(shapes[ref.split('/').at(-1)!]);
  const options = (schema['anyOf'] ?? schema['oneOf']) as Node[] | undefined;
  if (options !== undefined) return fc.oneof(...options.map(inner));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  switch (schema['type']) {
    case 'string':
      return text(words);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
    case 'number':
      return fc.oneof(fc.nat(50), fc.constantFrom(...NUMBERS));
    case 'array':
      return fc.array(inner(schema['items']), { maxLength: 4 });
    case 'object': {
      const members = Object.entries((schema['properties'] ?? {}) as Record<string, Node>);
      if (members.length === 0) return fc.dictionary(text(words), text(words), { maxKeys: 3 });
      const required = (schema['required'] ?? []) as string[];
      return fc.record(Object.fromEntries(members.map(([name, node]) => [name, inner(node)])), {
        requiredKeys: required,
      });
    }
    default:
      return fc.oneof(fc.constantFrom(undefined, { name: 'bo' }, { name: 'cy' }), anything);
  }
}

function requestOf(operation: Operation, { callers, runs, words }: Known): fc.Arbitrary<RandomRequest> {
  const { body, params } = operation;
  const shapes = (body?.['$defs'] ?? {}) as Record<string, Node>;
  const query = params.filter((one) => one['in'] === 'query');
  const member = ({ name, schema }: Node) =>
    sometimes(
      fitting(resolved(schema as Node), words, shapes).map((value): [string, string] => [
        name as string,
        String(value),
      ]),
      2,
    );
  const stray = sometimes(fc.tuple(text(['token', 'limit', 'after', 'x']), text(words)), 15);
  const header = (name: string, value: fc.Arbitrary<string>, oneIn = 4) =>
    sometimes(
      value.filter((one) => /^[\t -~\u0080-\u00ff]*$/.test(one)).map((one): [string, string] => [name, one]),
      oneIn,
    );
  const sent =
    body === undefined
      ? fc.constantFrom(undefined, undefined, undefined, '{}')
      : fc.oneof(
          { weight: 8, arbitrary: fitting(body, words, shapes).map((value) => JSON.stringify(value)) },
          { weight: 2, arbitrary: anything.map((value) => JSON.stringify(value)) },
          { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
          { weight: 1, arbitrary: fc.constantFrom('', '{', '['.repeat(100), '{"a":'.repeat(70), 'nul') },
        );
  return fc.record({
    operation: fc.constant(operation.name),
    who: fc.oneof(
      { weight: 6, arbitrary: fc.constant('ann') },
      { weight: 3, arbitrary: fc.constantFrom(...callers, 'nobody') },
    ),
    method: fc.oneof(
      { weight: 20, arbitrary: fc.constant(operation.method) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    // Which runs there are changes from request to request: one is drawn when it is sent.
    run: fc.oneof(
      { weight: 8, arbitrary: fc.nat(1_000).map((n) => `#${n}`) },
      { weight: 1, arbitrary: text([...words, ...runs()]) },
    ),
    query: fc.tuple(stray, ...query.map(member)).map(present),
    headers: fc
      .tuple(
        header('idempotency-key', text(['a', 'b', 'c', 'd'])),
        header('last-event-id', fc.oneof(fc.nat(20).map(String), text(words))),
        header('content-type', fc.constantFrom('text/plain', 'application/json; charset=utf-8', 'a/b', ''), 10),
        header('host', text(['localhost', 'evil.example', '127.0.0.1:1']), 30),
        header('origin', text(['http://localhost', 'null', 'http://evil.example']), 30),
      )
      .map((pairs) => Object.fromEntries(present(pairs))),
    body: sent,
  });
}

/** One time in so many. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const present = (pairs: readonly ([string, string] | undefined)[]) => pairs.filter((pair) => pair !== undefined);

export function randomRequest(known: Known): fc.Arbitrary<RandomRequest> {
  return fc.oneof(...operations.map((operation) => requestOf(operation, known)));
}
