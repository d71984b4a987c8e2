/** What all network doors share: who may call, how often, how much, and how a refusal is said. */
export type { Admission } from './admission.ts';
export { judgeBearer } from './bearer.ts';
export { createGuard, type Guard, type GuardEnv, type GuardOptions, NOBODY, requireRight } from './guard.ts';
export { withDoorFaults } from './faults.ts';
export { createIssuer, type IssuerOptions } from './issuer.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { checkWidth, DEFAULT_HOST, isWide, listen, type Listening, type ListenOptions } from './listen.ts';
export { isLoopback } from './names.ts';
export { faultStatus, type Problem, problemOf, problemResponse } from './problem.ts';
export { checkKey, checkSame, ownKey, runOfKey, usedBefore } from './once.ts';
export { sseResponse, type SseOptions } from './sse.ts';
export { type NewToken, OPERATOR_NAME, openTokenFile, type TokenEntry, type TokenFile } from './token-file.ts';
export { anyOf, createToken, type GivenToken, type Grant, hideTokens, tokenList, type TokenSource } from './tokens.ts';
