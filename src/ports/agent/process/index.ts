/** Any command as an agent: it reads a line of JSON, and writes one back (docs/process-agents.md). */
import { resolve } from 'node:path';
import { Fault, isFaultCode, type Json, toJson } from '../../../base/index.ts';
import type { Amounts } from '../../../model/index.ts';
import { type AgentEnvironment, foreignSkill, type ProcessDeclaration } from '../declare.ts';
import type { Agent, AgentCall, AgentReply } from '../port.ts';
import { createPool } from './pool.ts';
import { launchOf } from './sandbox.ts';
import { startWorker } from './worker.ts';

/** Processes at one time, where the declaration names no limit. */
const AT_ONCE = 4;
const MEMORY_MB = 1_024;
const OUTPUT_BYTES = 8 * 2 ** 20;
/** Undo and reconcile have a deadline of the site's; this one is for a process that never answers. */
const ASIDE_MS = 30_000;

export async function open(given: ProcessDeclaration, environment: AgentEnvironment): Promise<Agent> {
  const { name } = given;
  const cwd = resolve(environment.folder ?? process.cwd(), given.cwd ?? '.');
  const env = environmentOf(given, environment);
  const launch = await launchOf(given, cwd, env['PATH'] ?? '');
  const limits = {
    memoryBytes: (given.memoryMb ?? MEMORY_MB) * 2 ** 20,
    outputBytes: given.maxOutputBytes ?? OUTPUT_BYTES,
  };
  const pool = createPool(name, environment.clock, given.limits?.atOnce ?? AT_ONCE, async () =>
    startWorker(name, launch, cwd, env, limits),
  );
  let ids = 0;

  async function say(
    what: Record<string, unknown>,
    signal: AbortSignal,
    { say: heard, beat }: Pick<AgentCall, 'say' | 'beat'> = {},
  ): Promise<Record<string, unknown>> {
    const line = { id: ++ids, ...(toJson(what) as Record<string, Json>) };
    const said = await pool.use((worker) => worker.exchange({ line, signal, say: heard, beat }), signal);
    if (said['fault'] === undefined) return said;
    throw faultOf(said['fault'], name);
  }

  const declared = given.skills.map(foreignSkill);
  const agent: Agent = {
    name,
    kind: 'process',
    description: given.description ?? given.process.join(' '),
    version: given.version,
    limits: { ...given.limits, sandbox: launch.sandbox },
    skills: declared,
    async call(call: AgentCall): Promise<AgentReply> {
      const { skill, input, key, run, step, attempt, labels, effect, deadlineMs, schema, traceparent } = call;
      const limitMs = given.limits?.timeoutMs;
      const signal = limitMs === undefined ? call.signal : AbortSignal.any([call.signal, timeUp(name, limitMs)]);
      const what = { call: skill, input, key, run, step, attempt, labels, effect, deadlineMs, schema, traceparent };
      const said = await say(what, signal, call);
      return { output: said['output'], cost: said['cost'] as Amounts, labels: said['labels'] as string[] };
    },
    close: () => pool.close(),
  };
  // Only what can act has something to look up or to take back.
  if (declared.some((skill) => skill.effect !== 'pure')) {
    agent.reconcile = async ({ skill, key, input, run, step }) => {
      const said = await say({ reconcile: skill, key, input, run, step }, timeUp(name, ASIDE_MS));
      return { happened: said['happened'] as boolean | undefined, output: said['output'] };
    };
  }
  if (declared.some((skill) => skill.effect === 'reversible')) {
    agent.undo = async ({ skill, key, input, output, run, step }) => {
      await say({ undo: skill, key, input, output, run, step }, timeUp(name, ASIDE_MS));
    };
  }
  return agent;
}

/** A signal whose reason is a fault. */
function timeUp(agent: string, ms: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Fault('step.timeout', `agent '${agent}' gave no answer in ${ms} ms`)),
    ms,
  );
  timer.unref();
  return controller.signal;
}

/** P3: a path to find programs by, a home that is nobody's, and what the declaration names. */
function environmentOf(given: ProcessDeclaration, { env }: AgentEnvironment): Record<string, string> {
  const passed: Record<string, string> = { HOME: '/tmp', TMPDIR: '/tmp' };
  for (const name of ['PATH', 'LANG', 'TZ', ...(given.passEnv ?? [])]) {
    const value = env[name];
    if (value !== undefined) passed[name] = value;
  }
  return { ...passed, ...given.env };
}

/** A process fails in words: `{"fault": {"code", "message", "afterMs"}}`, or a text. */
function faultOf(said: unknown, agent: string): Fault {
  if (typeof said !== 'object' || said === null)
    return new Fault('agent.failed', `agent '${agent}': ${JSON.stringify(said)}`);
  const { code, message, afterMs, detail } = said as Record<string, unknown>;
  return new Fault(
    isFaultCode(code) ? code : 'agent.failed',
    `agent '${agent}': ${typeof message === 'string' ? message : 'it failed'}`,
    {
      afterMs: typeof afterMs === 'number' && afterMs >= 0 ? afterMs : undefined,
      detail: typeof detail === 'object' && detail !== null ? (detail as Record<string, unknown>) : undefined,
    },
  );
}
