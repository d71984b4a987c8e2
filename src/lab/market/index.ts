export * from './informed.ts';
export * from './market.ts';
export * from './season.ts';
export * from './sides.ts';
export * from './crowd.ts';
