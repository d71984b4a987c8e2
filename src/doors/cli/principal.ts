/** Who speaks at this door: the person at this machine, with every right, under the name they give. */
import type { Command } from 'commander';
import type { Principal } from '../../model/index.ts';
import { OPERATOR } from '../../site/site.ts';

export interface ByWords {
  by?: string;
}

export function withBy(command: Command): Command {
  return command.option('--by <name>', 'who says so: kept in the journal', OPERATOR.id);
}

export function principalOf({ by }: ByWords): Principal {
  return by === undefined ? OPERATOR : { ...OPERATOR, id: by };
}
