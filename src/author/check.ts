/** Checks a plan against what is known here: everything that is wrong, at once, with place and reason. */
import { Fault } from '../base/index.ts';
import { checkBody, type Finding, type Known, type Plan, protocolShapes } from '../model/index.ts';

export type { Finding, FindingCode, Known, KnownAgent, KnownShape } from '../model/index.ts';

export function checkPlan(plan: Plan, known: Known = {}): Finding[] {
  // A protocol may be added later: only what is said to those that are here by now is looked at.
  return checkBody(plan, { input: plan.input, someProtocols: protocolShapes(), ...known });
}

/** `incident.yaml:7:5 steps.cause.after[0]: there is no step 'log' (did you mean 'logs'?)` */
export function findingText(finding: Finding, file?: string): string {
  const { line, column, place, message, todo } = finding;
  const position = line === undefined ? '' : `:${line}:${column}`;
  const where = [file === undefined ? position.slice(1) : `${file}${position}`, place].filter((part) => part !== '');
  return `${where.join(' ')}${where.length > 0 ? ': ' : ''}${message}${todo === undefined ? '' : `. ${todo}`}`;
}

/** Throws one fault that names all findings. */
export function mustBeRight(findings: readonly Finding[], name: string, file?: string): void {
  if (findings.length === 0) return;
  const lines = findings.map((finding) => `\n  ${findingText(finding, file)}`);
  throw new Fault(
    'plan.invalid',
    `the plan '${name}' has ${findings.length} ${findings.length === 1 ? 'mistake' : 'mistakes'}:${lines.join('')}`,
    {
      detail: { findings },
    },
  );
}
