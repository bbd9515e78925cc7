/** What the exit code of the command line says. Documented in docs/operations/command-line.md. */
export const EXIT = {
  ok: 0,
  /** It could be asked for, and came to nothing good: a problem found, a delivery that failed, a wait that was too long. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The API said no. */
  refused: 3,
  /** The API, or something else that is needed, gave no answer. */
  unreachable: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a sentence for whoever typed it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
