import type { Json } from '../base/index.ts';

/** Thrown by `run.continueAsNew`; unwinds the code. */
export class ContinueAsNew {
  readonly input: Json | undefined;
  constructor(input: Json | undefined) {
    this.input = input;
  }
}
