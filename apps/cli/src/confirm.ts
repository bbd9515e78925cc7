import { createInterface } from 'node:readline/promises';
import { CliError, EXIT } from './exit-codes.ts';

/**
 * Asks on standard error, reads a line of standard input: whether it is what was expected.
 *
 * @throws {CliError} when nobody is there to answer: a script has to say `--yes`.
 */
export async function confirm(question: string, expected: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  const ended = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  lines.once('SIGINT', () => process.exit(EXIT.interrupted));
  try {
    const answer = await Promise.race([lines.question(question), ended]);
    if (answer === null) throw new CliError(EXIT.usage, 'Nobody answered. Say --yes to go on without being asked.');
    return answer.trim() === expected;
  } finally {
    lines.close();
  }
}
