/** Every option of a site and of a start, and what a site is given: who writes JavaScript is told of a slip too. */
import {
  anything,
  callable,
  checkGiven,
  checkOptions,
  count,
  either,
  Fault,
  flag,
  holding,
  list,
  millis,
  object,
  oneOf,
  share,
  type Option,
  type Options,
  text,
  texts,
} from '../base/index.ts';
import type { AnyWorkflow } from '../author/index.ts';
import { PREFER } from '../author/options.ts';
import type { Agent } from '../ports/agent/index.ts';
import { isAgent, isWorkflow } from './config/schema.ts';
import type { SiteOptions, StartOptions } from './face.ts';
import type { HealthOptions } from './health/index.ts';
import type { RoutingOptions } from './route/index.ts';
import { checkRules } from './route/rule-shape.ts';

const off: Option = { fits: (value) => value === false, wants: 'false' };
const store: Option = {
  fits: (value) => typeof (value as { join?: unknown } | null)?.join === 'function',
  wants: 'a store',
};

const ROUTING: Options<RoutingOptions> = {
  choose: oneOf('learned', 'fixed'),
  by: oneOf('lookahead', 'thompson', 'ucb'),
  explore: count,
  rules: list,
  embedder: object,
};

const HEALTH: Options<HealthOptions> = {
  slowTimes: count,
  slowTries: count,
  slowMs: count,
  inRow: count,
  window: count,
  share,
  least: count,
  firstMs: count,
  maxMs: count,
};

const SITE: Options<SiteOptions> = {
  store: either(text, store),
  workflows: list,
  agents: list,
  functions: object,
  worker: text,
  durability: oneOf('due', 'step'),
  evictAfterMs: count,
  clock: object,
  chance: object,
  onTrouble: callable,
  telemetry: object,
  works: flag,
  snapshotEvents: count,
  routing: holding(ROUTING),
  keepFacts: flag,
  // Its own check says more.
  retention: object,
  health: either(off, holding(HEALTH)),
  maxOpenRuns: count,
  pushes: object,
  decide: callable,
};

/** So early nothing was to be done: a span is meant. */
const FIRST_MOMENT_MS = 1e11;
export const moment: Option = {
  fits: (value) => millis.fits(value) && (value as number) >= FIRST_MOMENT_MS,
  wants: 'a moment, in ms since 1970: Date.now() and what the run may take',
};

/** One without a list of rights would be taken for one, and be refused where nobody hears of it. */
export const principal: Option = {
  fits(value) {
    const { id, rights } = (value ?? {}) as { id?: unknown; rights?: unknown };
    return text.fits(id) && id !== '' && texts.fits(rights);
  },
  wants: 'a principal: an object of id, a text, and rights, a list of texts',
};

const START: Options<StartOptions> = {
  id: text,
  by: principal,
  priority: oneOf('low', 'normal', 'high'),
  // Amounts are checked where they are used.
  budget: anything,
  deadlineMs: moment,
  labels: texts,
  goal: text,
  prefer: PREFER,
  blockEffects: flag,
  mayHaveRun: flag,
  door: object,
  traceparent: text,
};

export function checkSiteOptions(options: SiteOptions): void {
  checkOptions(options, SITE, 'openSite');
  checkHealth(options.health);
  checkRules(options.routing?.rules ?? [], 'openSite: routing.rules');
  for (const flow of options.workflows ?? []) mustBeWorkflow(flow);
  for (const [name, fn] of Object.entries(options.functions ?? {}))
    checkGiven(fn, callable, `the function '${name}' of openSite`);
}

function checkHealth(health: SiteOptions['health']): void {
  if (typeof health !== 'object') return;
  const { firstMs, maxMs } = health;
  if (firstMs === undefined || maxMs === undefined || firstMs <= maxMs) return;
  const message = `openSite: health: 'firstMs' is ${firstMs}, longer than 'maxMs' (${maxMs}): no wait is`;
  throw new Fault('input.invalid', message);
}

export function checkStart(flow: AnyWorkflow, how: StartOptions): void {
  checkOptions(how, START, 'the start of', flow.name);
}

export function mustBeWorkflow(flow: unknown): asserts flow is AnyWorkflow {
  if (isWorkflow(flow)) return;
  throw new Fault(
    'input.invalid',
    'what a site is to run is no workflow: make it with `workflow`, `plan` or `parsePlan`',
  );
}

/** Declared agents look much like open ones. */
export function mustBeAgent(agent: unknown): asserts agent is Agent {
  if (isAgent(agent)) return;
  const name: unknown = (agent as Partial<Agent> | null | undefined)?.name;
  const which = typeof name === 'string' ? `'${name}'` : 'what was given as an agent';
  const next =
    typeof name === 'string'
      ? 'open a declaration with `openAgents`, or put it into skein.config.ts'
      : 'make one with `functionAgent`, `createLlmAgent` or `openAgents`';
  throw new Fault('input.invalid', `${which} is no open agent (it has no name, skills and call): ${next}`);
}
