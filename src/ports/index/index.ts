export * from './port.ts';
export { createApiEmbedder, type ApiEmbedderOptions } from './api.ts';
export { createExactIndex } from './exact.ts';
export { createGrowingIndex, type GrowingIndexOptions } from './growing.ts';
export { createHashedEmbedder, type HashedEmbedderOptions } from './hashed.ts';
export { createUsearchIndex, type UsearchIndexOptions } from './usearch.ts';
export { tokensOf } from './words.ts';
