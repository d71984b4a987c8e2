export { candidatesFor, createFresh, type Fresh } from './fresh.ts';
export { createRouter, DEFAULT_BY, DEFAULT_EXPLORE, type Router, type RoutingOptions } from './router.ts';
export { createNearIndex, type NearIndex, type Scored } from './near.ts';
export { textOfOffer } from './offers.ts';
export { explainChoice, type Explained, type ExplainedTry } from './explain.ts';
export { createShelf, type Shelf, type Shelved, type Tool, tokensOfTool } from './shelf.ts';
