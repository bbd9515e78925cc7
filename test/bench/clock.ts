/** Milliseconds of the machine's monotonic clock: what one process stamps, another can subtract. */
export function clockMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
