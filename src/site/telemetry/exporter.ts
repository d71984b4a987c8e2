/** Spans on their way out, by OpenTelemetry's own library and its own environment names. Loaded only when wanted. */
import { errorText, Fault } from '../../base/index.ts';
import type { Span } from './spans.ts';

export interface Exporter {
  send(span: Span): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];

/** Whether the environment asks for traces: an endpoint is named, or the exporter. */
export function wantsTraces(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const exporter = env['OTEL_TRACES_EXPORTER'];
  if (exporter !== undefined && exporter !== '') return exporter.split(',').some((one) => one.trim() !== 'none');
  return ENDPOINTS.some((name) => (env[name] ?? '') !== '');
}

export function wantsContent(env: Environment): boolean {
  return env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.toLowerCase() === 'true';
}

export async function openExporter(env: Environment): Promise<Exporter> {
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/json';
  if (protocol === 'grpc')
    throw new Fault(
      'input.invalid',
      'traces are sent by OTLP over HTTP, and OTEL_EXPORTER_OTLP_PROTOCOL says grpc: say http/json and the HTTP endpoint (often port 4318)',
    );
  const { api, sdk, otlp, resources } = await load();
  const toConsole = (env['OTEL_TRACES_EXPORTER'] ?? '').split(',').some((one) => one.trim() === 'console');
  const exporter = toConsole ? new sdk.ConsoleSpanExporter() : new otlp.OTLPTraceExporter();
  const next = { traceId: '', spanId: '' };
  const batch = new sdk.BatchSpanProcessor(exporter);
  // Our ids: each follows from what it names (context.ts).
  const provider = new sdk.NodeTracerProvider({
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [batch],
    resource: resources
      .resourceFromAttributes({ 'service.name': 'skein' })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
  });
  const tracer = provider.getTracer('skein');
  return {
    send(span) {
      next.traceId = span.traceId;
      next.spanId = span.spanId;
      const parent =
        span.parentSpanId === undefined
          ? api.ROOT_CONTEXT
          : api.trace.setSpanContext(api.ROOT_CONTEXT, {
              traceId: span.traceId,
              spanId: span.parentSpanId,
              traceFlags: api.TraceFlags.SAMPLED,
              isRemote: true,
            });
      const made = tracer.startSpan(
        span.name,
        {
          kind: span.client ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL,
          startTime: span.startMs,
          attributes: span.attributes,
        },
        parent,
      );
      for (const { name, atMs, attributes } of span.events) made.addEvent(name, attributes, atMs);
      if (span.error !== undefined) made.setStatus({ code: api.SpanStatusCode.ERROR, message: span.error });
      made.end(span.endMs);
    },
    flush: () => provider.forceFlush(),
    stop: () => provider.shutdown(),
  };
}

async function load() {
  try {
    const [api, sdk, otlp, resources] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { api, sdk, otlp, resources };
  } catch (thrown) {
    const needs = ['api', 'sdk-trace-node', 'exporter-trace-otlp-http', 'resources']
      .map((n) => `@opentelemetry/${n}`)
      .join(' ');
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    const why = missing ? `is not there: npm install ${needs}` : `cannot be loaded: ${errorText(thrown)}`;
    throw new Fault('not-found', `the environment asks for traces, and OpenTelemetry ${why}`, { cause: thrown });
  }
}
