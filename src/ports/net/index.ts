export * from './port.ts';
export { whyNotPublic } from './address.ts';
export { createNet } from './outgoing.ts';
