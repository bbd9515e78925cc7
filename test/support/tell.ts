/** A figure for whoever runs a test to measure. */
export function tell(figure: string): void {
  process.stdout.write(`${figure}\n`);
}
