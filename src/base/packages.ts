/** An adapter's package that is not installed: who wanted it, and the one command that brings it. */
import { Fault } from './fault.ts';

export function missingPackage(what: string, packages: string): (cause: unknown) => never {
  return (cause) => {
    const next = `npm install ${packages}`;
    throw new Fault('agent.none', `${what} needs packages that are not here: ${next}`, { cause, detail: { next } });
  };
}
