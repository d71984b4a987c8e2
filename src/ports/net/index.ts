export * from './port.ts';
export { whyNotPublic } from './address.ts';
export { createNet } from './outgoing.ts';
export { headersOf } from './answer.ts';
export { createExchanges, type Exchanges, type Outgoing, outgoingOf, type Place } from './exchange.ts';
export { wholeResponse } from './whole.ts';
