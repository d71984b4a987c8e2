/** Audits: is a journal the one that was written; what is signed of it; what may be erased from it. */
export * from './findings.ts';
export * from './key.ts';
export * from './retention.ts';
export * from './sign.ts';
export * from './verify.ts';
