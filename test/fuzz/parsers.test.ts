/**
 * Every parser at a door that the doors' own tests do not fuzz: what is no good is a Fault or a finding, never anything
 * else that is thrown, and no text of a stranger holds the thread for a second.
 *
 * Elsewhere: HTTP bodies, queries and Last-Event-ID (test/http/random), MCP over HTTP (src/doors/mcp/fuzz), A2A over
 * JSON-RPC and REST (src/doors/a2a/door), signed tokens (src/doors/guard/issuer), what MCP servers say (src/ports/agent/mcp/fuzz).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlanText } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { judgeBearer, openTokenFile, tokenList } from '../../src/doors/guard/index.ts';
import { refuseTokenInUrl } from '../../src/doors/guard/bearer.ts';
import { checkDepth } from '../../src/doors/guard/body.ts';
import { createNames } from '../../src/doors/guard/names.ts';
import { compileExpr } from '../../src/model/index.ts';
import { readAgentDeclaration } from '../../src/ports/agent/index.ts';
import { readAnswer, wantedOf } from '../../src/ports/agent/llm/answer.ts';
import { realClock } from '../../src/site/clock.ts';
import { loadConfig } from '../../src/site/config/index.ts';
import { createPushes } from '../../src/site/pushes.ts';
import { createSiteKey } from '../../src/site/audit/index.ts';
import { near } from './mutate.ts';

const RUNS = Number(process.env['SKEIN_FUZZ'] ?? 400);
const WITHIN_MS = 1_000;
const TEST_MS = 120_000;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLAN = `name: report
input: { type: object, properties: { topic: { type: string } } }
steps:
  - id: find
    ask: search
    input: \${{ input.topic }}
    when: size(input.topic) > 2
  - id: all
    map: \${{ steps.find.items }}
    key: item.id
    width: 4
    body: &body
      - { id: read, ask: read, input: "\${{ item }}" }
output: \${{ steps.all }}
`;
const CONFIG = `store: .skein/site.db
http: { port: 7717, hosts: [a.example], origins: ['https://a.example'] }
agents:
  - { name: a, llm: local/echo, baseUrl: 'http://127.0.0.1:1/v1', skills: [{ name: say, effect: pure }] }
  - { name: b, process: [node, b.js], skills: [{ name: add }] }
  - { name: c, a2a: { url: 'http://127.0.0.1:1', push: true }, keyEnv: C }
  - { name: d, mcp: { command: [x], sampling: { skill: say } } }
prices: { 'local/*': { input: 1, output: 2 } }
limits: { budget: { money: 3 } }
`;
const EXPRESSIONS = [
  'steps.find.items.filter(x, x.score > 0.5).map(x, x.id)',
  'has(input.a) ? input.a : "b" + string(1 + 2)',
  'size(steps.a) == 3 && input.text.matches("^a+b$")',
  '{"a": [1, 2.5, null], "b": timestamp("2026-01-01T00:00:00Z")}',
];
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const TOKEN_FILE = JSON.stringify({
  format: 'skein-tokens/1',
  tokens: [{ name: 'a', principal: 'a', rights: ['*'], madeMs: 1, sha256: 'ab'.repeat(32) }],
});
const tokens = tokenList([{ token: 'skn_known', principal: { id: 'ann', rights: [] } }]);
const pushes = createPushes();
pushes.open('http://127.0.0.1:1/a2a/pushes', createSiteKey().key);

/** A parser, what it takes gladly, and what it does with anything. */
const parsers: { name: string; seeds: string[]; parse(text: string): unknown }[] = [
  { name: 'a plan as YAML', seeds: [PLAN], parse: (text) => readPlanText(text) },
  {
    name: 'an expression',
    seeds: EXPRESSIONS,
    parse: (text) =>
      compileExpr(text).run({ input: { a: 1, text: 'aab', topic: 'x' }, steps: { a: [1], find: { items: [] } } }),
  },
  {
    name: 'a configuration',
    seeds: [CONFIG],
    async parse(text) {
      const file = join(folder, 'skein.config.yaml');
      writeFileSync(file, text);
      await loadConfig({ file, environment: {} });
    },
  },
  {
    name: 'an agent, as JSON',
    seeds: [
      JSON.stringify({ name: 'a', a2a: { url: 'https://a.example', hosts: ['b.example'] }, skills: [{ name: 's' }] }),
    ],
    parse(text) {
      let value: unknown = text;
      try {
        value = JSON.parse(text);
      } catch {
        // As it is.
      }
      return readAgentDeclaration(value);
    },
  },
  {
    name: 'a bearer token',
    seeds: ['Bearer skn_known', 'Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.AAAA'],
    parse: (text) => judgeBearer(text, { tokens, audience: ['http'], clock: realClock }),
  },
  {
    name: 'a file of tokens',
    seeds: [TOKEN_FILE],
    parse(text) {
      const file = join(folder, 'tokens.json');
      writeFileSync(file, text, { mode: 0o600 });
      return openTokenFile(file).find('skn_x');
    },
  },
  {
    name: 'an address with a token in it',
    seeds: [
      'http://127.0.0.1/v1/runs?tokens=a',
      'http://127.0.0.1/v1/runs?token=skn_abc',
      'http://[::1]:7717/v1/runs/r_1/events?after=3',
    ],
    parse(text) {
      if (URL.canParse(text)) refuseTokenInUrl(new URL(text));
    },
  },
  {
    name: 'Host and Origin',
    seeds: ['127.0.0.1:7717', '[::1]:1', 'localhost:1', 'a.example'],
    parse: (text) => createNames({ hosts: ['a.example'] }).check(text, `http://${text}`),
  },
  { name: 'the depth of JSON', seeds: ['{"a":[[1,"\\"]"]]}'], parse: (text) => checkDepth(Buffer.from(text), 64) },
  {
    name: "a model's answer",
    seeds: ['Here you are:\n```json\n{"a":"b"}\n```\nthat is all', '{"a": "x"}', 'so: [1, {"a": 2}] and'],
    parse: (text) => readAnswer(text, wantedOf(SCHEMA)),
  },
  {
    name: "a push's token",
    seeds: ['skein-abc.r', pushes.address({ task: 'skein-abc', run: 'r' })!.token],
    parse: (text) => expect(pushes.hear(text, text)).toBe(false),
  },
];

/** What the thread was held for, whatever else the machine does. */
function heldMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

async function refusalOf(parse: () => unknown): Promise<unknown> {
  try {
    await parse();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

test.for(parsers)('$name', { timeout: TEST_MS }, async ({ seeds, parse }) => {
  // One that refused everything would prove nothing.
  expect(await Promise.all(seeds.map((seed) => refusalOf(() => parse(seed))))).toContain(undefined);
  await fc.assert(
    fc.asyncProperty(near(seeds), async (text) => {
      const startMs = heldMs();
      const thrown = await refusalOf(() => parse(text));
      expect(heldMs() - startMs).toBeLessThan(WITHIN_MS);
      if (thrown === undefined) return;
      if (!(thrown instanceof Fault)) throw thrown;
      expect(thrown.code).not.toBe('internal');
    }),
    { numRuns: RUNS },
  );
});

/** Each held the thread for seconds, or for ever, before it was mended. */
const LONG: [string, () => unknown][] = [
  ['an alias inside of what it names', () => readPlanText(`&a [${'*a,'.repeat(1_000)}]`)],
  ['the same key many times', () => readPlanText('a: &x 1\n'.repeat(10_000))],
  ['a fence that does not close', () => readAnswer(`\`\`\`json${'\n'.repeat(100_000)}`, wantedOf(SCHEMA))],
];
test.for(LONG)('%s is over within a second', ([, parse]) => {
  const startMs = heldMs();
  parse();
  expect(heldMs() - startMs).toBeLessThan(WITHIN_MS);
});
