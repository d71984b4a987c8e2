/** Method and path of every call of the HTTP door: plain data, so that a client needs nothing else at run time. */
export const paths = {
  site: ['get', '/v1/site'],
  workflows: ['get', '/v1/workflows'],
  agents: ['get', '/v1/agents'],
  startRun: ['post', '/v1/runs'],
  listRuns: ['get', '/v1/runs'],
  showRun: ['get', '/v1/runs/{run}'],
  runOutput: ['get', '/v1/runs/{run}/output'],
  runSteps: ['get', '/v1/runs/{run}/steps'],
  runJournal: ['get', '/v1/runs/{run}/journal'],
  runEvents: ['get', '/v1/runs/{run}/events'],
  runGates: ['get', '/v1/runs/{run}/gates'],
  answerGate: ['post', '/v1/runs/{run}/gates'],
  signalRun: ['post', '/v1/runs/{run}/signals'],
  cancelRun: ['post', '/v1/runs/{run}/cancel'],
  resolveDrift: ['post', '/v1/runs/{run}/drift'],
  forkRun: ['post', '/v1/runs/{run}/fork'],
  diffRuns: ['get', '/v1/runs/{run}/diff'],
  replayRun: ['get', '/v1/runs/{run}/replay'],
  verifyRun: ['get', '/v1/runs/{run}/verify'],
  eraseRun: ['post', '/v1/runs/{run}/erase'],
  healthz: ['get', '/healthz'],
  readyz: ['get', '/readyz'],
  metrics: ['get', '/metrics'],
  openapi: ['get', '/openapi.json'],
} as const satisfies Record<string, readonly ['get' | 'post', `/${string}`]>;

export type CallName = keyof typeof paths;
