export { createRouter, type Router, type RoutingOptions } from './router.ts';
export { createNearIndex, type NearIndex, type Scored } from './near.ts';
