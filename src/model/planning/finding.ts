/** Something wrong with a plan: where, what, and what to do. */
export type FindingCode =
  | 'syntax'
  | 'shape'
  | 'name'
  | 'duplicate'
  | 'cycle'
  | 'unknown-step'
  | 'unreachable'
  | 'expression'
  | 'not-before'
  | 'type'
  | 'skill'
  | 'nobody'
  | 'function'
  | 'protocol'
  | 'workflow'
  | 'map-key'
  | 'loop-end'
  | 'race'
  | 'gate'
  | 'signal';

export interface Finding {
  code: FindingCode;
  /** `steps.cause.after[0]`, or '' for the whole. */
  place: string;
  message: string;
  todo?: string;
  /** Where the text is known. */
  line?: number;
  column?: number;
}

export type Report = (code: FindingCode, place: string, message: string, todo?: string) => void;

export function reporter(findings: Finding[]): Report {
  return (code, place, message, todo) => {
    findings.push(todo === undefined ? { code, place, message } : { code, place, message, todo });
  };
}
