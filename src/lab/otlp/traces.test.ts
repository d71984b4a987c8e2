import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { workflow } from '../../author/index.ts';
import { functionAgent, openAgent, readAgentDeclaration } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite, type SiteOptions } from '../../site/site.ts';
import { readTraceparent } from '../../site/telemetry/index.ts';
import { openLlmServer } from '../llm/index.ts';
import { openOtlpReceiver, type OtlpReceiver } from './receiver.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function receiver(): Promise<OtlpReceiver> {
  const made = await openOtlpReceiver();
  opened.push(made);
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', made.url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Basic abc');
  vi.stubEnv('OTEL_SERVICE_NAME', 'geese');
  return made;
}

async function work(options: SiteOptions, use: (site: Awaited<ReturnType<typeof openSite>>) => Promise<void>) {
  const site = await openSite(options);
  try {
    await use(site);
  } finally {
    await site.stop();
  }
}

test('a run is a trace: workflow, agents, tools and chats, with usage and ids, under whoever asked', async () => {
  const at = await receiver();
  const llm = await openLlmServer({
    brain: ({ messages }) =>
      messages.some((one) => one.role === 'tool') ? { text: 'done' } : { calls: [{ name: 'look_up', input: '{}' }] },
  });
  opened.push(llm);
  const skills = [{ name: 'write' }];
  const model = await openAgent(
    readAgentDeclaration({ name: 'writer', llm: 'local/echo', baseUrl: llm.url, skills, tools: ['look up'] }),
    { env: {}, clock: realClock },
  );
  const seen: (string | undefined)[] = [];
  const tools = functionAgent('tools', {
    skills: {
      'look up': () => 'found',
      mail: { effect: 'idempotent', keyed: true, run: (_input, call) => void seen.push(call.traceparent) },
      broken: () => {
        throw new Error('no');
      },
    },
  });
  const inner = workflow('inner', (run) => run.ask('look up', 1));
  const flow = workflow('outer', async (run) => {
    await run.ask('write', 'a poem');
    await run.effect('mail', 'a poem');
    await run.workflow(inner, null);
    await run.ask('broken', 1).catch(() => {});
    return 1;
  });
  const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
  await work({ agents: [tools, model], workflows: [flow, inner] }, async (site) => {
    await (await site.start(flow, undefined, { id: 'r_1', traceparent, goal: 'a poem' })).output();
  });
  const by = (name: string) => at.spans.find((span) => span.name === name)!;
  const names = at.spans.map((span) => span.name).toSorted((a, b) => (a < b ? -1 : 1));
  expect(names).toEqual([
    'chat echo',
    'chat echo',
    'execute_tool look up',
    'execute_tool mail',
    'invoke_agent tools',
    'invoke_agent tools',
    'invoke_agent writer',
    'invoke_workflow inner',
    'invoke_workflow model-turns',
    'invoke_workflow outer',
    'workflow inner',
  ]);
  // One trace, under the span of whoever asked; runs inside stand under what asked for them.
  expect(new Set(at.spans.map((span) => span.traceId))).toEqual(new Set(['1'.repeat(32)]));
  expect(by('invoke_workflow outer').parentSpanId).toBe('2'.repeat(16));
  expect(by('invoke_workflow inner').parentSpanId).toBe(by('workflow inner').spanId);
  expect(by('invoke_workflow model-turns').parentSpanId).toBe(by('invoke_agent writer').spanId);
  expect(by('invoke_agent writer').parentSpanId).toBe(by('invoke_workflow outer').spanId);
  expect(readTraceparent(seen[0])).toEqual({ traceId: '1'.repeat(32), spanId: by('execute_tool mail').spanId });
  expect(by('chat echo').attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'local',
    'gen_ai.request.model': 'echo',
    'gen_ai.usage.input_tokens': expect.any(Number) as number,
    'gen_ai.agent.name': 'writer',
  });
  expect(by('execute_tool look up').attributes).toMatchObject({ 'gen_ai.tool.name': 'look up' });
  expect(at.spans.find((span) => span.attributes['skein.skill'] === 'broken')).toMatchObject({
    error: 'no',
    attributes: { 'error.type': 'agent.failed' },
  });
  expect(by('invoke_workflow outer').events).toContain('skein.fault.escalated');
  expect(at.headers[0]).toMatchObject({ authorization: 'Basic abc' });
  expect(at.services[0]).toBe('geese');
  // What was said is in the journal, not in traces.
  expect(JSON.stringify(at.spans)).not.toContain('poem');
});

test('content goes out only when it is wanted', async () => {
  const at = await receiver();
  vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'true');
  const agent = functionAgent('a', { skills: { say: (input: string) => `${input}!` } });
  const flow = workflow('flow', (run) => run.ask('say', 'hello'));
  await work({ agents: [agent] }, async (site) => {
    await (await site.start(flow, undefined, { goal: 'a greeting' })).output();
  });
  expect(at.spans.find((one) => one.name === 'invoke_workflow flow')!.attributes['skein.goal']).toBe('a greeting');
  const span = at.spans.find((one) => one.name === 'invoke_agent a')!;
  expect(span.attributes['gen_ai.input.messages']).toContain('hello');
  expect(span.attributes['gen_ai.output.messages']).toContain('hello!');
});

test('a run that another worker carries on is one trace, whole', async () => {
  const at = await receiver();
  const store = await openStore('memory:');
  const agent = functionAgent('a', { skills: { say: (input: string) => input } });
  const flow = workflow('flow', async (run) => {
    await run.ask('say', 'one', { name: 'first' });
    await run.signal('go');
    return run.ask('say', 'two', { name: 'second' });
  });
  await work({ store, agents: [agent], workflows: [flow] }, async (site) => {
    await site.start(flow, undefined, { id: 'r_1' });
    await expect.poll(async () => (await site.state('r_1')).steps.has('go'), { timeout: 10_000 }).toBe(true);
  });
  await work({ store, agents: [agent], workflows: [flow] }, async (site) => {
    await site.signal('r_1', 'go');
    await site.handle('r_1').output();
  });
  const ids = new Set(at.spans.map((span) => `${span.traceId}${span.spanId}`));
  expect(ids.size).toBe(4);
  expect(new Set(at.spans.map((span) => span.traceId)).size).toBe(1);
  const root = at.spans.find((span) => span.name === 'invoke_workflow flow')!;
  expect(root.parentSpanId).toBeUndefined();
  expect(root.events).toContain('skein.takeover');
});

test('a receiver that is gone, or a protocol that is not spoken, stops no work', async () => {
  const at = await receiver();
  await at.close();
  opened.length = 0;
  const agent = functionAgent('a', { skills: { say: (input: string) => input } });
  const flow = workflow('flow', (run) => run.ask('say', 'hello'));
  await work({ agents: [agent] }, async (site) => {
    expect(await (await site.start(flow)).output()).toBe('hello');
  });
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc');
  const troubles: string[] = [];
  const onTrouble: SiteOptions['onTrouble'] = (_run, fault) => void troubles.push(fault?.message ?? '');
  await work({ agents: [agent], onTrouble }, async (site) => {
    expect(await (await site.start(flow)).output()).toBe('hello');
  });
  expect(troubles).toEqual([expect.stringContaining('say http/json')]);
});

test.for([
  ['off', {}, false],
  ['none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }, false],
  ['disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }, false],
  ['on', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, true],
] as const)('%s: whether OpenTelemetry is loaded', ([, env, loaded]) => {
  const site = join(import.meta.dirname, '../../site/site.ts');
  const script = `
    import { registerHooks } from 'node:module';
    let loaded = false;
    registerHooks({ resolve(name, context, next) { loaded ||= name.startsWith('@opentelemetry/'); return next(name, context); } });
    const { openSite } = await import(${JSON.stringify(site)});
    const site = await openSite();
    console.log(loaded);
    process.exit();
  `;
  const said = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  expect(said.trim()).toBe(String(loaded));
});
