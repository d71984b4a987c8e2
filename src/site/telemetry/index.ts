export { createTraceContexts, readTraceparent, spanIdOf, type TraceContexts, traceIdOf } from './context.ts';
export { type Environment, wantsTraces } from './exporter.ts';
export { createRunSpans, type RunSpans, type Span } from './spans.ts';
export { openTracing, type Tracing } from './tracing.ts';
