import { HooklaneConnectionError, HooklaneError, NotANameError } from '@hooklane/client';
import { CommanderError } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { CliError, EXIT } from './exit-codes.ts';

export interface Failure {
  exitCode: ExitCode;
  /** As scripts know it: the API's code, or `usage`, `failed`, `unreachable`. */
  code: string;
  message: string;
  /** Single fields that the API refused. */
  errors?: readonly { field: string; message: string }[];
}

/** What an error means for whoever typed the command; null where it is a defect of ours. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof HooklaneError) {
    const { code, message, errors } = error;
    return { exitCode: EXIT.refused, code, message, ...(errors.length > 0 && { errors }) };
  }
  if (error instanceof HooklaneConnectionError) {
    return { exitCode: EXIT.unreachable, code: 'unreachable', message: error.message };
  }
  if (error instanceof CliError) return { exitCode: error.exitCode, code: codeOf(error), message: error.message };
  if (error instanceof NotANameError) return { exitCode: EXIT.usage, code: 'usage', message: error.message };
  if (error instanceof CommanderError) return { exitCode: EXIT.usage, code: 'usage', message: sentenceOf(error) };
  return null;
}

/** Commander has none for a command line that ends too early. */
function sentenceOf({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'Which command? --help lists them.' : message;
}

function codeOf({ exitCode }: CliError): string {
  return Object.entries(EXIT).find(([, code]) => code === exitCode)?.[0] ?? 'failed';
}
