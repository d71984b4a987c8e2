export { createInjector, type FaultRule, type FaultRules, faultRules, type Injected, type Injector } from './rules.ts';
export { type FaultStory, storyOf } from './story.ts';
