export * from './backoff.ts';
export * from './chance.ts';
export * from './fault.ts';
export * from './hash.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './time.ts';
export { missingPackage } from './packages.ts';
