/**
 * The configuration's shape. Each block is one member here, with its own words in `describe`: the reference in
 * docs/configuration.md is made of them. A block does something, or it is not here.
 */
import { z } from 'zod';
import type { AnyWorkflow } from '../../author/index.ts';
import { amountShape } from '../../model/index.ts';
import { faultRules } from '../faults/index.ts';
import { routing } from './routing.ts';
import { type Agent, AGENT_KINDS, type AgentDeclaration, tokenPriceShape } from '../../ports/agent/index.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export function isWorkflow(value: unknown): value is AnyWorkflow {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    typeof value['version'] === 'string' &&
    (typeof value['fn'] === 'function' || isObject(value['plan']))
  );
}

export function isAgent(value: unknown): value is Agent {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    Array.isArray(value['skills']) &&
    typeof value['call'] === 'function'
  );
}

/** Whether somebody is declared here; what is wrong with it is said when it is read. */
export function isDeclared(value: unknown): value is AgentDeclaration {
  return isObject(value) && typeof value['name'] === 'string' && AGENT_KINDS.some((kind) => kind in value);
}

const filePath = z.string().min(1);
const wholeMs = z.number().int().nonnegative();

const workflowSchema = z.union([filePath, z.custom<AnyWorkflow>(isWorkflow)], {
  error: "a workflow (`workflow('name', ...)`, `plan('name')...workflow()`) or the path of a file that holds one",
});
const agentSchema = z.union([filePath, z.custom<Agent>(isAgent), z.custom<AgentDeclaration>(isDeclared)], {
  error:
    "an agent (`functionAgent('name', ...)`), a declaration (`{ name, llm: 'provider/model', skills }`, or with " +
    '`mcp`, `a2a` or `process`), or the path of a module that exports agents',
});
const functionsSchema = z.union(
  [
    filePath,
    z.record(
      z.string(),
      z.custom<(input: never) => unknown>((value) => typeof value === 'function'),
    ),
  ],
  { error: 'functions by name, or the path of a module that exports them' },
);

const amounts = z.strictObject({
  money: amountShape.optional().describe("In the site's currency."),
  tokens: amountShape.optional().describe('Tokens of models.'),
  calls: amountShape.optional().describe('Calls of agents.'),
  timeMs: amountShape.optional().describe('Time of agents at work.'),
});

const http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
  port: z.number().int().min(0).max(65_535).default(7717).describe('The port; 0 = any that is free.'),
  tls: z
    .strictObject({
      certFile: filePath.describe('The certificate and its chain, as PEM.'),
      keyFile: filePath.describe('Its key, as PEM.'),
    })
    .optional()
    .describe('Needed to listen wider than this machine, unless `allowWide` says otherwise.'),
  allowWide: z.boolean().optional().describe('Listen wider in the clear: something in front of it speaks TLS.'),
  hosts: z.array(z.string()).optional().describe("Names it is called by, besides the loopback's."),
  origins: z.array(z.string()).optional().describe('Origins of pages that may call it.'),
  oauth: z
    .strictObject({
      issuer: z.url({ protocol: /^https?$/ }).describe('Whose tokens are taken, besides those of the token file.'),
      jwks: z.url({ protocol: /^https?$/ }).describe('Where its public keys are (a JWK set).'),
      scopes: z.array(z.string()).min(1).describe('The most that its tokens may give: names of rights.'),
    })
    .optional()
    .describe('An authorization server whose signed tokens, made for `publicUrl`, open the doors. Needs `publicUrl`.'),
  publicUrl: z.url().optional().describe('Its public address, where that is another.'),
});

const a2a = z.strictObject({
  name: z.string().min(1).optional().describe('What the site is called in its card. Default: skein.'),
  description: z.string().optional().describe('What its card says that it does.'),
  publish: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          workflow: z.string(),
          description: z.string().optional(),
          tags: z.array(z.string()).optional(),
          examples: z.array(z.string()).optional(),
          takes: z.enum(['content', 'message']).optional(),
          inputModes: z.array(z.string()).optional(),
          outputModes: z.array(z.string()).optional(),
        }),
      ]),
    )
    .optional()
    .describe('The workflows that are agents for others. Default: all.'),
  grpcPort: z.number().int().min(0).max(65_535).optional().describe('Also listen for gRPC here; 0 = any that is free.'),
  allow: z
    .array(z.string())
    .default([])
    .describe('Addresses inside that push notifications may go to: `host`, `host:port`, `10.0.0.0/8`.'),
});

const worker = z.strictObject({
  name: z.string().min(1).max(100).optional().describe('Its name at the store. Default: a fresh one at every start.'),
  durability: z
    .enum(['due', 'step'])
    .default('due')
    .describe('`due`: on disk before anything outside depends on it. `step`: on disk at every step.'),
  evictAfterMs: wholeMs.optional().describe('A run that only waits leaves memory after this long.'),
  snapshotEvents: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('A resume folds at most about so many events beyond a snapshot.'),
  graceMs: wholeMs.default(5_000).describe('How long a stop waits for calls that are out.'),
});

const retention = z.strictObject({
  payloadsMs: z.number().int().positive().describe('How long what runs were given and said is kept.'),
  of: z
    .enum(['ended', 'all'])
    .optional()
    .describe(
      '`ended`: only of runs that are over. `all`: of open ones too; one that still needs it fails with `payload.erased`. Default: ended.',
    ),
  everyMs: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('From one round through all runs to the next. Default: an hour.'),
});

const limits = z.strictObject({
  budget: amounts.optional().describe('The budget of a run whose workflow names none.'),
  deadlineMs: z.number().int().positive().optional().describe('How long a run may take whose workflow does not say.'),
});

export const configSchema = z.strictObject({
  store: z
    .string()
    .min(1)
    .default('.skein/site.db')
    .describe('Where journals are kept: a path, `sqlite:path`, `memory:` or `postgres://...`.'),
  workflows: z
    .array(workflowSchema)
    .default([])
    .describe('Workflows, or paths of files that hold them (`.yaml`, `.json`, or a module that exports them).'),
  agents: z
    .array(agentSchema)
    .default([])
    .describe('Agents, declarations of agents (`llm`, `mcp`, `a2a`, `process`), or paths of modules that export them.'),
  prices: z
    .record(z.string(), tokenPriceShape)
    .default({})
    .describe(
      'What tokens of models cost, by `provider/model` or `provider/*`, for a million of them; goes before the list that comes with Skein.',
    ),
  functions: functionsSchema.default({}).describe('Local functions that workflows as data call by name.'),
  http: z
    .union([http, z.literal(false)])
    .prefault({})
    .describe('The HTTP door of `skein up`; false = none.'),
  mcp: z
    .boolean()
    .optional()
    .describe(
      'The MCP door of `skein up`, at `/mcp` of the HTTP door. Default: there, if `@modelcontextprotocol/server` is installed.',
    ),
  a2a: z
    .union([z.boolean(), a2a])
    .optional()
    .describe(
      'The A2A door of `skein up`, at `/a2a` of the HTTP door and the well-known path. Default: there, if `@a2a-js/sdk` is installed.',
    ),
  worker: worker.prefault({}).describe('The worker of this site.'),
  faults: faultRules
    .optional()
    .describe(
      'What goes wrong on purpose, at agents, tools, the store and the doors: for rehearsals, never for real work.',
    ),
  health: z
    .strictObject({
      inRow: z.number().int().positive().optional().describe('Failures in a row after which nobody is sent there.'),
      share: z.number().min(0).max(1).optional().describe('The share of failures of late that does the same.'),
      firstMs: wholeMs.optional().describe('How long until one call may try it again; doubled each time.'),
      maxMs: wholeMs.optional().describe('And at most this long.'),
    })
    .refine(({ firstMs = 0, maxMs = Infinity }) => firstMs <= maxMs, {
      path: ['firstMs'],
      error: 'is longer than `maxMs`: no wait is',
    })
    .optional()
    .describe('When an agent that fails is passed over, and when it is tried again.'),
  routing: routing.optional().describe('How an agent is chosen among those who have a skill.'),
  retention: retention
    .optional()
    .describe('Payloads that are older are erased, by one worker of the site at a time. Default: they stay.'),
  maxOpenRuns: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Runs open at one time; beyond it new ones are turned away, low priority first.'),
  limits: limits.prefault({}).describe('What runs may use where nobody says otherwise.'),
});

/** As it is written. */
export type Config = z.input<typeof configSchema>;
/** As it is used: checked, with defaults. */
export type CheckedConfig = z.output<typeof configSchema>;
