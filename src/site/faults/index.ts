export { createInjector, type DoorPlan, type DoorTrouble, type Injected, type Injector } from './injector.ts';
export { endOf, type InjectedEnd, type PutIn, readEvents, reportOf } from './report.ts';
export { type FaultRule, type FaultRules, faultRules } from './rules.ts';
export { type FaultStory, storyOf } from './story.ts';
