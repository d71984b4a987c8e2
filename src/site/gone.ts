/**
 * What a call, an undo or a child run would be given was erased. It is not made: the run hears a fault in its stead.
 * Whether an earlier call happened is not asked with what is left either: a sink that is shown rubbish says that it
 * knows nothing of it. A person decides then.
 */
import { type Command, erasedData, type Input, isGone } from '../model/index.ts';
import type { Host } from './host.ts';

/** True: it is answered, and nothing is to be done. */
export function refuseGone(host: Host, command: Command, post: (host: Host, input: Input) => void): boolean {
  if (host.state.lacks !== true) return false;
  const input = insteadOf(host, command);
  if (input !== undefined) post(host, input);
  return input !== undefined;
}

function insteadOf({ state }: Host, command: Command): Input | undefined {
  switch (command.do) {
    case 'askAgent': {
      if (!isGone(state, command.data) && !isGone(state, command.answers)) return undefined;
      const { step, n } = command;
      return { in: 'answer', step, n, of: command, fault: erasedData(`what step '${step}' asks`) };
    }
    case 'runCode': {
      const { do: _, step, data, ...of } = command;
      // In workflows as code the function closes over what it needs.
      if (command.code === undefined || !isGone(state, data)) return undefined;
      return { in: 'ran', step, of, fault: erasedData(`what the function of step '${step}' is given`) };
    }
    case 'reconcile': {
      const { do: _, step, n, data, ...of } = command;
      if (!isGone(state, data)) return undefined;
      return { in: 'reconciled', step, n, of, happened: undefined, by: of.agent };
    }
    case 'undo': {
      const { step, input, output } = command;
      if (!isGone(state, input) && !isGone(state, output)) return undefined;
      return { in: 'undone', step, fault: erasedData(`what step '${step}' did`) };
    }
    default:
      return undefined;
  }
}
