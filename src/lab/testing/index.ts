/** For tests of workflows: a site whose clock stands still, agents that fail by seed, a crash at every commit. */
export { type Answers, openTestSite, type TestSite, type TestSiteOptions } from './test-site.ts';
export { type SeededAgentOptions, type SeededSkill, seededAgent } from './seeded-agent.ts';
export {
  type BadPoint,
  crashEverywhere,
  type CrashReport,
  type CrashTest,
  type TestWorld,
} from './crash-everywhere.ts';
