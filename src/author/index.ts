export * from './run.ts';
export { problems, schemaHash, type Schema, skill, type Skill } from './skill.ts';
export { type AnyWorkflow, needsOf, workflow, type Workflow, type WorkflowOptions } from './workflow.ts';
export { type CodeRequest, type Coroutine, startCoroutine } from './coroutine.ts';
