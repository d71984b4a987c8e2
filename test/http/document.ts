/** The OpenAPI document as a test reads it: its operations, and whether an answer is one that it promises. */
import { z } from 'zod';
import { openApi } from '../../src/doors/http/index.ts';

export type Node = Record<string, unknown>;

export interface Operation {
  name: string;
  method: string;
  path: string;
  isOpen: boolean;
  params: Node[];
  body: Node | undefined;
  /** By status: the content type and the schema of the body. */
  answers: Map<number, { type: string; schema: Node }>;
}

const document = JSON.parse(JSON.stringify(openApi())) as Node;
const shapes = (document['components'] as { schemas: Node }).schemas;

export const operations: Operation[] = Object.entries(
  document['paths'] as Record<string, Record<string, Node>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: operation['operationId'] as string,
    method: method.toUpperCase(),
    path,
    isOpen: (operation['security'] as unknown[] | undefined)?.length === 0,
    params: operation['parameters'] as Node[],
    body: contentOf(operation['requestBody'] as Node | undefined)?.schema,
    answers: new Map(
      Object.entries(operation['responses'] as Record<string, Node>).map(([status, response]) => [
        Number(status),
        contentOf(response)!,
      ]),
    ),
  })),
);

function contentOf(node: Node | undefined): { type: string; schema: Node } | undefined {
  const [first] = Object.entries((node?.['content'] ?? {}) as Record<string, { schema: Node }>);
  return first === undefined ? undefined : { type: first[0], schema: resolved(first[1].schema) };
}

/** With what it refers to beside it. */
export function resolved(schema: Node): Node {
  const move = (node: unknown): unknown =>
    JSON.parse(JSON.stringify(node).replaceAll('#/components/schemas/', '#/$defs/'));
  return { ...(move(schema) as Node), $defs: move(shapes) };
}

export interface Got {
  status: number;
  type: string;
  body: string;
}

const validators = new Map<string, z.ZodType>();

/** What is wrong with an answer by the document; undefined: it is as promised. */
export function wrongWith(operation: Operation, got: Got): string | undefined {
  const answer = operation.answers.get(got.status);
  if (answer === undefined) return `${operation.name} does not promise ${got.status}: ${got.body.slice(0, 500)}`;
  if (got.type.split(';')[0] !== answer.type)
    return `${operation.name} ${got.status} is ${got.type}, not ${answer.type}`;
  if (!answer.type.endsWith('json')) return undefined;
  const key = `${operation.name} ${got.status}`;
  const known = validators.get(key) ?? z.fromJSONSchema(answer.schema);
  validators.set(key, known);
  const parsed = known.safeParse(JSON.parse(got.body));
  if (parsed.success) return undefined;
  return `${key} is not as promised: ${z.prettifyError(parsed.error)}\n${got.body.slice(0, 500)}`;
}
