/** Places: how many of something one caller, and all callers together, may hold at once. */
export interface Places {
  /** Gives the place back when called; undefined when none is free. */
  take(name: string): (() => void) | undefined;
  readonly taken: number;
}

export function createPlaces(each: number, all: number): Places {
  const held = new Map<string, number>();
  let taken = 0;

  return {
    take(name) {
      const own = held.get(name) ?? 0;
      if (taken >= all || own >= each) return undefined;
      taken++;
      held.set(name, own + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        taken--;
        const left = held.get(name)! - 1;
        if (left === 0) held.delete(name);
        else held.set(name, left);
      };
    },
    get taken() {
      return taken;
    },
  };
}
