export { deedsOf, sinkAgent, type SinkAgentOptions, tellSink } from './agent.ts';
export type { Deed } from './book.ts';
export { type Mishap, openSink, type Place, type Sink, type SinkOptions } from './sink.ts';
export { runOverSink, type SinkRun, type SinkRunOptions } from './bench.ts';
