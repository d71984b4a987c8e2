// docs/http.md, made of the OpenAPI document, the limits and the figures of the HTTP door.
import { faultTable } from '../../src/base/index.ts';
import { DEFAULT_LIMITS, faultStatus } from '../../src/doors/guard/index.ts';
import { openApi } from '../../src/doors/http/index.ts';
import { createMetrics } from '../../src/doors/http/metrics.ts';

type Node = Record<string, unknown>;
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; required?: boolean; description?: string; schema: Node }[];
  requestBody?: { content: Record<string, { schema: Node }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Node }> }>;
  security?: unknown[];
}

const TOP = `# HTTP

Made from the OpenAPI document by \`node scripts/reference.ts\`; do not edit by hand. The document itself is at
\`/openapi.json\` of every site; what checks a request is what it is made of.

\`skein up\` opens the door at http://127.0.0.1:7717 and keeps its token in \`.skein/tokens.json\` (see
[secure a site](secure-a-site.md)).

\`\`\`sh
token=$(npx skein token show)
curl -s http://127.0.0.1:7717/v1/site -H "Authorization: Bearer $token"
curl -s http://127.0.0.1:7717/v1/runs -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: order-17' -d '{"workflow":"brief","input":["geese"]}'
\`\`\`

From TypeScript, in Node and in browsers, by \`skein/client\`; here against a door that the program itself opens:

\`\`\`ts
import { functionAgent, openSite, workflow } from 'skein';
import { createClient } from 'skein/client';
import { createHttpDoor, openTokenFile } from 'skein/http';

const greet = workflow('greet', (run, { name }: { name: string }) => run.ask('hello', name));
const polite = functionAgent('polite', { skills: { hello: (name) => \`hello \${name}\` } });
const site = await openSite({ workflows: [greet], agents: [polite] });
const tokenFile = '.skein/tokens.json';
const door = await createHttpDoor(site, { tokenFile });
const { url, close } = await door.listen();

const client = createClient({ url, token: openTokenFile(tokenFile).operator() });
const run = await client.start('greet', { name: 'Bo' });
for await (const { seq, event } of run.events()) console.log(seq, event.type);
console.log(await run.output());

await close();
await site.stop();
\`\`\`

- **Once.** With an \`Idempotency-Key\` a request may be sent again, also after a restart of the site: it is done once. The
  client makes a key for every call that needs one, and sends again what was not answered. Another workflow, input,
  run or word under a used key is a \`conflict\`.
- **Patience.** A site that answered before and is away now (a restart) is tried again for a minute (\`patienceMs\`); an
  address where nothing ever answered for 5 seconds (\`reachMs\`). Then the call throws \`site.stopped\`.
- **Events.** \`/v1/runs/{run}/events\` is the journal, live, as server-sent events. Each has its seq as \`id\` and is sent when
  it is on disk. Come back with \`Last-Event-ID\` (browsers and the client do) and nothing is missed or doubled, also when
  the site was killed in between (\`npx vitest run test/http/restart\`: 200 readers, and 10 of the whole site, over four kills). A beat comes every 15 s.
  \`event: end\` says that the run is over; a stream that just ends is to be taken up again.
- **All runs.** \`/v1/events\` is the same for the whole site: every event of every run you may see, in the order in which
  they reached the store, from now on or from any id; \`client.watch()\` and \`skein tail\` read it. It has no end.
- **Browsers.** \`skein/client\` is plain modules without dependencies; a page's origin must be one of \`http.origins\`
  (\`npx vitest run test/browser\`: in Chromium, over a site that goes away in between).
- **Pages.** A list has \`items\` and, when there is more, \`next\`: give it as \`cursor\` (the journal: as \`after\`). A page may
  hold fewer than \`limit\`: it ends at about 4 MiB.
- **Who sees what.** A run is seen by who started it, and by who has \`run:read\`. To all others it is not there (404).
- **Words to a run** (gates, signals, cancel, drift) answer 202 when they are on disk; the run hears them in a moment, or
  when a worker carries it on again.
- **Refusals** are problems (RFC 9457): \`code\`, \`retry\` (never, same, elsewhere), \`afterMs\`, what to do in \`todo\`. What is
  not HTTP at all, or slower than 30 s to say, is cut off before any of this with a bare 400, 408 or 431.
`;

export function httpReference(): string {
  const document = JSON.parse(JSON.stringify(openApi())) as Node;
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const shapes = (document['components'] as { schemas: Record<string, Node> }).schemas;
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return [
    TOP,
    '## Calls',
    '',
    '| call | does |',
    '| --- | --- |',
    ...calls.map(
      ({ path, method, operation }) =>
        `| [\`${method} ${path}\`](#${operation.operationId.toLowerCase()}) | ${operation.summary} |`,
    ),
    '',
    ...calls.flatMap(({ path, method, operation }) => section(method, path, operation)),
    '## Shapes',
    '',
    ...Object.entries(shapes).flatMap(([name, shape]) => shapeOf(name, shape)),
    '## Faults',
    '',
    '| status | code | retry | what to do |',
    '| --- | --- | --- | --- |',
    ...Object.entries(faultStatus)
      .sort(([, a], [, b]) => a - b)
      .map(([code, status]) => {
        const { retry, todo } = faultTable[code as keyof typeof faultTable];
        return `| ${status} | \`${code}\` | ${retry} | ${cell(todo)} |`;
      }),
    '',
    '## Limits',
    '',
    'Of one site, unless it is opened with others. What is over: 413 for size and depth, 429 for rate, 503 for too much at',
    'once; the last two with `Retry-After`.',
    '',
    '| limit | default |',
    '| --- | --- |',
    ...Object.entries(DEFAULT_LIMITS).map(([name, value]) => `| \`${name}\` | ${value} |`),
    '',
    '## Figures',
    '',
    '`/metrics` needs the right `metrics:read`. Counters start at 0 with the process.',
    '[grafana/skein.json](grafana/skein.json) is a dashboard of them, to be imported into Grafana.',
    '',
    '| figure | kind | labels | what it counts |',
    '| --- | --- | --- | --- |',
    ...metricsList().map(
      ({ name, kind, labels, help }) => `| \`${name}\` | ${kind} | ${labels.join(', ')} | ${cell(help)} |`,
    ),
    '',
  ].join('\n');
}

export function metricsList() {
  // Only the list is wanted: nothing is listened to.
  const silent = { on: () => () => {} };
  return createMetrics({ facts: silent, pulse: silent } as never, () => undefined as never).list();
}

function section(method: string, path: string, operation: Operation): string[] {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const given = parameters.map(
    ({ name, in: place, required, description: about, schema }) =>
      `| \`${name}\` | ${place}${required === true ? ', needed' : ''} | ${cell(typeOf(schema))} | ${cell(about ?? '')} |`,
  );
  const body = requestBody?.content['application/json']?.schema;
  const answers = Object.entries(responses).filter(([status]) => Number(status) < 300);
  const refusals = Object.keys(responses).filter((status) => Number(status) >= 400);
  return [
    `### ${operationId}`,
    '',
    `\`${method} ${path}\`: ${summary.toLowerCase()}. ${description.replaceAll('\n\n', ' ')}`,
    '',
    ...(given.length === 0 ? [] : ['| parameter | where | type | |', '| --- | --- | --- | --- |', ...given, '']),
    ...(body === undefined ? [] : [`Body: ${typeOf(body)}.`, '']),
    ...answers.map(([status, { content = {} }]) => {
      const [[type, { schema }]] = Object.entries(content) as [[string, { schema: Node }]];
      return `- ${status}: ${type === 'application/json' ? typeOf(schema) : `\`${type}\``}`;
    }),
    `- refused with ${refusals.join(', ')}`,
    '',
  ];
}

function shapeOf(name: string, shape: Node): string[] {
  const {
    properties = {},
    required = [],
    description,
  } = shape as {
    properties?: Record<string, Node>;
    required?: string[];
    description?: string;
  };
  return [
    `### Shape ${name}`,
    '',
    ...(description === undefined ? [] : [description, '']),
    '| member | type | |',
    '| --- | --- | --- |',
    ...Object.entries(properties).map(
      ([member, node]) =>
        `| \`${member}\`${required.includes(member) ? '' : '?'} | ${cell(typeOf(node))} | ${cell((node['description'] as string | undefined) ?? '')} |`,
    ),
    '',
  ];
}

/** A type in a few words; named shapes as links. */
function typeOf(node: Node): string {
  const ref = node['$ref'] as string | undefined;
  if (ref !== undefined) {
    const name = ref.split('/').at(-1)!;
    return `[${name}](#shape-${name.toLowerCase()})`;
  }
  if ('const' in node) return `\`${JSON.stringify(node['const'])}\``;
  if (Array.isArray(node['enum'])) return node['enum'].map((one) => `\`${String(one)}\``).join(', ');
  const options = (node['anyOf'] ?? node['oneOf']) as Node[] | undefined;
  if (options !== undefined) return options.map(typeOf).join(' or ');
  const { type } = node;
  if (type === 'array') return node['items'] ? `list of ${typeOf(node['items'] as Node)}` : 'list';
  if (type === 'object') {
    const members = Object.entries((node['properties'] ?? {}) as Record<string, Node>);
    if (members.length === 0) return 'object';
    return `{ ${members.map(([name, member]) => `${name}: ${typeOf(member)}`).join(', ')} }`;
  }
  if (type === undefined) return 'any JSON';
  const bounds = ['default', 'minimum', 'maximum']
    .filter((name) => name in node && Math.abs(Number(node[name])) < Number.MAX_SAFE_INTEGER)
    .map((name) => `${name} ${String(node[name])}`);
  return [(Array.isArray(type) ? type : [type as string]).join(' or '), ...bounds].join(', ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
