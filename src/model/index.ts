export * from './amounts.ts';
export * from './events.ts';
export * from './record.ts';
export * from './words.ts';
