/** The OpenAPI 3.1 document, made of the schemas that check. */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { type Answer, type CallName, callNamed, paths, problem, refusalsOf } from '../../model/wire/index.ts';

type Node = Record<string, unknown>;

export function openApi(): { openapi: string } & Node {
  const shapes: Node = {};
  const routes: Record<string, Node> = {};
  for (const name of Object.keys(paths) as CallName[]) {
    const [method, path] = paths[name];
    (routes[path] ??= {})[method] = operationOf(name, shapes);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Skein',
      version: '1',
      description: 'The HTTP door of a Skein site. Refusals are problems (RFC 9457) with a code and what to do.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: routes,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A token that the site made.' } },
      schemas: sorted(shapes),
    },
  };
}

function operationOf(name: CallName, shapes: Node): Node {
  const call = callNamed(name);
  const operation: Node = {
    operationId: name,
    summary: call.summary,
    description: [call.about, `Right: ${call.right}.`].filter((text) => text !== undefined).join('\n\n'),
    parameters: [
      ...parametersOf('path', call.params, shapes),
      ...parametersOf('query', call.query, shapes),
      ...(call.hasKey === true ? [keyHeader] : []),
      ...(Object.values(call.answers).includes('events') ? [lastEventHeader(name)] : []),
    ],
    responses: {
      ...Object.fromEntries(
        Object.entries(call.answers).map(([status, answer]) => [status, answered(status, answer, shapes)]),
      ),
      ...Object.fromEntries(refusalsOf(name).map((status) => [status, refused(status, shapes)])),
    },
  };
  if (call.body !== undefined)
    operation['requestBody'] = {
      required: true,
      content: { 'application/json': { schema: schemaOf(call.body, 'input', shapes) } },
    };
  if (call.isOpen === true) operation['security'] = [];
  return operation;
}

const keyHeader: Node = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Said twice with the same key, it is done once, also over a restart of the site.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};
function lastEventHeader(name: CallName): Node {
  return {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the event that was seen last.',
    schema: {
      type: 'string',
      pattern: name === 'runEvents' ? '^[0-9]{1,15}$' : '^[0-9]{1,15}-[0-9]{1,15}(\\.[0-9]{1,15})?$',
    },
  };
}

function parametersOf(place: 'path' | 'query', shape: z.ZodObject | undefined, shapes: Node): Node[] {
  if (shape === undefined) return [];
  type Shape = { properties?: Record<string, Node>; required?: string[] };
  const { properties = {} } = schemaOf(shape, 'output', shapes) as Shape;
  const said = schemaOf(shape, 'input', shapes) as Shape;
  return Object.entries(properties).map(([name, { description, ...read }]) => {
    // What is transformed has no schema of its own afterwards: then it is what is said that counts.
    const { description: _, ...schema } = Object.keys(read).length === 0 ? (said.properties?.[name] ?? {}) : read;
    const parameter: Node = { name, in: place, required: said.required?.includes(name) === true, schema };
    if (description !== undefined) parameter['description'] = description;
    return parameter;
  });
}

function answered(status: string, answer: Answer, shapes: Node): Node {
  const description = STATUS_CODES[status]!;
  if (answer === 'events') return { description, content: { 'text/event-stream': { schema: { type: 'string' } } } };
  if (answer === 'text') return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
  return { description, content: { 'application/json': { schema: schemaOf(answer, 'output', shapes) } } };
}

function refused(status: number, shapes: Node): Node {
  const response: Node = {
    description: STATUS_CODES[status]!,
    content: { 'application/problem+json': { schema: schemaOf(problem, 'output', shapes) } },
  };
  if (status === 429 || status === 503)
    response['headers'] = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };
  if (status === 401) response['headers'] = { 'WWW-Authenticate': { schema: { type: 'string' } } };
  return response;
}

/** As JSON Schema; the named shapes in it stand once for all, in the components. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output', shapes: Node): Node {
  // Answers may grow members: readers must not refuse them.
  const override = ({ jsonSchema }: { jsonSchema: Node }): void => {
    if (io === 'output' && jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
  };
  const json = z.toJSONSchema(shape, { io, unrepresentable: 'any', override });
  const { $schema: _schema, $defs = {}, ...schema } = json as Node & { $defs?: Node };
  for (const [name, def] of Object.entries($defs)) shapes[name] = linked(def);
  return linked(schema) as Node;
}

function linked(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(linked);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([name, value]) => {
      if (name === '$ref') return [[name, String(value).replace('#/$defs/', '#/components/schemas/')]];
      return name === 'id' && typeof value === 'string' ? [] : [[name, linked(value)]];
    }),
  );
}

function sorted(node: Node): Node {
  return Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));
}
