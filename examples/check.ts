/** What a story shows is checked: a line for each, and a failing exit code when something did not happen. */
export function check(what: string, isSo: boolean): void {
  console.log(`${isSo ? '  ok ' : '  NO '} ${what}`);
  if (!isSo) process.exitCode = 1;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
