/** Numbers of an agent that no adapter has read: with a limit that is none it would never be called, or never be limited. */
import { checkGiven, places, span } from '../base/index.ts';
import { checkedAmounts } from '../model/index.ts';
import type { Agent } from '../ports/agent/index.ts';

const LIMITS = { atOnce: places, perMinute: places, timeoutMs: span } as const;

export function checkNumbers({ name, limits, skills }: Agent): void {
  for (const limit of Object.keys(LIMITS) as (keyof typeof LIMITS)[])
    if (limits?.[limit] !== undefined)
      checkGiven(limits[limit], LIMITS[limit], `\`limits.${limit}\` of agent '${name}'`);
  for (const skill of skills) {
    const what = `skill '${skill.name}' of agent '${name}'`;
    if (skill.beatMs !== undefined) checkGiven(skill.beatMs, span, `\`beatMs\` of ${what}`);
    checkedAmounts(skill.price, `price of ${what}`);
  }
}
