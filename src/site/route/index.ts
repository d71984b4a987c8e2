export { createRouter, type Near, type Router, type RoutingOptions, type Scored } from './router.ts';
