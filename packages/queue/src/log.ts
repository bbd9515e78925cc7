/** What this package needs of a pino logger. */
export interface QueueLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A line for the first of many equal troubles, and then one in ten seconds with the number of those left out. */
export function throttledWarning(logger: QueueLogger, message: string): (fields: object) => void {
  let silentUntilMs = 0;
  let leftOut = 0;
  return (fields) => {
    const nowMs = performance.now();
    if (nowMs < silentUntilMs) {
      leftOut += 1;
      return;
    }
    logger.warn({ ...fields, leftOut }, message);
    silentUntilMs = nowMs + SILENCE_MS;
    leftOut = 0;
  };
}

const SILENCE_MS = 10_000;
