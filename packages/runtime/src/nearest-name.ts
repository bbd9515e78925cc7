/**
 * The name most like `name`, or undefined if none is near: at most two edits away, and at most a third of its length.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let smallest = Math.min(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance < smallest) [nearest, smallest] = [candidate, distance];
  }
  return nearest;
}

/** Levenshtein, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    row = nextRow(row, { line, letter, b });
  }
  return row[b.length] ?? 0;
}

function nextRow(above: readonly number[], { line, letter, b }: { line: number; letter: string; b: string }): number[] {
  const row = [line + 1];
  for (let column = 0; column < b.length; column += 1) {
    const replace = at(above, column) + (b[column] === letter ? 0 : 1);
    row.push(Math.min(replace, at(above, column + 1) + 1, at(row, column) + 1));
  }
  return row;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
