// A terminal as far as the command line uses one: what stands on it after all that was written.

export function screenOf(written: string, columns: number): string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  const line = (): string[] => (lines[row] ??= []);
  const ways: [RegExp, (match: RegExpExecArray) => void][] = [
    // oxlint-disable-next-line no-control-regex
    [/\u001b\[(\d*)A/y, (match) => (row = Math.max(0, row - Number(match[1] || 1)))],
    // oxlint-disable-next-line no-control-regex
    [/\u001b\[K/y, () => void line().splice(column)],
    [
      // oxlint-disable-next-line no-control-regex
      /\u001b\[J/y,
      () => {
        line().splice(column);
        lines.splice(row + 1);
      },
    ],
    // Colours and the cursor leave no letters.
    // oxlint-disable-next-line no-control-regex
    [/\u001b\[[\d;?]*[mhl]/y, () => {}],
  ];
  for (let at = 0; at < written.length;) {
    const way = ways.find(([pattern]) => {
      pattern.lastIndex = at;
      return pattern.test(written);
    });
    if (way !== undefined) {
      const [pattern, act] = way;
      pattern.lastIndex = at;
      act(pattern.exec(written)!);
      at = pattern.lastIndex;
      continue;
    }
    const sign = String.fromCodePoint(written.codePointAt(at)!);
    at += sign.length;
    if (sign === '\u001b')
      throw new Error(`an escape that no test knows: ${JSON.stringify(written.slice(at, at + 10))}`);
    if (sign === '\r') column = 0;
    else if (sign === '\n') row++;
    else {
      if (column >= columns) throw new Error(`a line of more than ${columns}: ${line().join('')}`);
      line()[column++] = sign;
    }
    line();
  }
  return lines.map((signs) =>
    Array.from(signs, (sign) => sign ?? ' ')
      .join('')
      .trimEnd(),
  );
}
