export { createRouter, DEFAULT_BY, DEFAULT_EXPLORE, type Router, type RoutingOptions } from './router.ts';
export { createNearIndex, type NearIndex, type Scored } from './near.ts';
export { textOfOffer } from './offers.ts';
