/** Where a command writes: what it found to standard output, what goes on meanwhile to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** A result: with `--json` one line of JSON, else text for a person. */
  result(value: object, text: () => string): void;
  /** For a person who waits; nothing depends on it. */
  note(text: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    result: (value, text) => process.stdout.write(`${isJson ? JSON.stringify(value) : text()}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Rows below a head, each column as wide as its widest cell. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly unknown[]>): string {
  const all = [head, ...rows].map((row) => row.map((cell) => (cell === null || cell === undefined ? '-' : `${cell}`)));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
