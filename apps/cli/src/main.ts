import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import { createProgram } from './program.ts';

const args = process.argv.slice(2);
/** What commander would print by itself: the help, where a command is missing. */
const help: string[] = [];

try {
  await createProgram((text) => help.push(text)).parseAsync(args[0] === '--' ? args.slice(1) : args, { from: 'user' });
} catch (error) {
  process.exitCode = end(error);
}

function end(error: unknown): number {
  // Help and version: commander's way to end.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const failure = failureOf(error);
  if (failure === null) throw error;
  if (isHelp(error) && !args.includes('--json')) process.stderr.write(`${help.join('')}\n`);
  if (args.includes('--json')) tellJson(failure);
  else tell(failure);
  return failure.exitCode;
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help';
}

function tellJson({ exitCode, ...error }: Failure): void {
  process.stdout.write(`${JSON.stringify({ ok: false, exit_code: exitCode, error })}\n`);
}

function tell({ message, errors = [] }: Failure): void {
  const lines = [message, ...errors.map((error) => `  ${error.field}: ${error.message}`)];
  process.stderr.write(`hooklane: ${lines.join('\n').replace(/^error: /, '')}\n`);
}
