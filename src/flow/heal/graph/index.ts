export * from './and-or.ts';
export * from './anew.ts';
export * from './bounded.ts';
export * from './frontier.ts';
export { measuredOf, weightOf } from './weight.ts';
