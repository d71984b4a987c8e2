export { type Builder, type BuiltStep, plan, type PlanBuilder, type PlanOptions, planWorkflow } from './builder.ts';
export { checkPlan, type Finding, findingText, type Known, type KnownAgent, type KnownShape } from './check.ts';
export { planJsonSchema, type PlanWords, type StepWords } from './plan-schema.ts';
export { checkInput } from './input.ts';
export * from './run.ts';
export { problems, schemaHash, type Schema, skill, type Skill } from './skill.ts';
export { type AnyWorkflow, needsOf, workflow, type Workflow, type WorkflowOptions } from './workflow.ts';
export { parsePlan, type ReadPlan, readPlanText } from './yaml.ts';
export { type CodeRequest, type Coroutine, startCoroutine } from './coroutine.ts';
