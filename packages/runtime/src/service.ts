import { TimeoutError } from './errors.ts';
import { toggleDebugOnSignal } from './log-level-signal.ts';
import type { Logger } from './logger.ts';
import { withTimeout } from './wait.ts';

/** A part of a process with a life of its own: a server, a loop, a consumer, a pool. */
export interface Service {
  /** For logs: short, stable, unique in its process. */
  readonly name: string;
  /**
   * Called once. Resolves when the service works, not when it ends. A start that rejects has released what it took:
   * `stop` is not called for it.
   */
  start(): Promise<void>;
  /**
   * Called at most once, and only after `start` resolved. Takes no new work at once, ends what is under way, releases
   * every handle that would keep the process alive, then resolves. It is abandoned at the deadline of its runner.
   */
  stop(): Promise<void>;
}

export interface RunOptions {
  logger: Logger;
  /** For each service by itself, in milliseconds. */
  stopTimeoutMs: number;
  /** What asks for the end. Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[];
}

/**
 * Starts the services in order (each may rely on those before it), waits for a signal, stops them in reverse order.
 *
 * Resolves after a clean stop. If a start fails, stops what was started and rejects with that error. If a service fails
 * to stop, or not in time, the others are stopped all the same and then it rejects with an AggregateError. A signal
 * during the start waits for the service that is just starting, but no longer than a stop may take. SIGUSR2 turns debugging on and off.
 */
export async function runServices(services: readonly Service[], options: RunOptions): Promise<void> {
  const signal = catchSignals(options);
  const endToggle = toggleDebugOnSignal(options.logger);
  try {
    await runUntilSignal(services, { ...options, signal, started: [] });
  } finally {
    endToggle();
    signal.ignore();
  }
}

interface CaughtSignal {
  /** Resolves with the first signal. */
  readonly caught: Promise<void>;
  isCaught(): boolean;
  ignore(): void;
}

function catchSignals({ logger, signals = ['SIGTERM', 'SIGINT'] }: RunOptions): CaughtSignal {
  let isCaught = false;
  let resolveCaught = () => {};
  const caught = new Promise<void>((resolve) => {
    resolveCaught = resolve;
  });
  const onSignal = (name: NodeJS.Signals | 'disconnect') => {
    if (isCaught) return;
    isCaught = true;
    logger.info({ signal: name }, 'stopping');
    resolveCaught();
  };
  // Not `once`: Ctrl-C under npm arrives twice, and the second one would kill the process in the middle of its stop.
  for (const name of signals) process.on(name, onSignal);
  // A parent that is killed cannot send a signal; its end breaks the channel that it started us with.
  const onOrphaned = () => onSignal('disconnect');
  process.on('disconnect', onOrphaned);
  process.channel?.unref();
  // A service may hold nothing open for a moment (its database is away): the process must not end for that.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  const ignore = () => {
    clearInterval(keepAlive);
    for (const name of signals) process.off(name, onSignal);
    process.off('disconnect', onOrphaned);
  };
  return { caught, isCaught: () => isCaught, ignore };
}

interface Running extends RunOptions {
  signal: CaughtSignal;
  /** In the order started; all of them are to be stopped. */
  started: Service[];
}

async function runUntilSignal(services: readonly Service[], running: Running): Promise<void> {
  try {
    await startInOrder(services, running);
    await running.signal.caught;
  } catch (error) {
    // The start's error tells more than what failed to stop because of it; those are in the log.
    await stopInReverse(running);
    throw error;
  }
  const failures = await stopInReverse(running);
  if (failures.length > 0) throw new AggregateError(failures, 'not all services stopped cleanly');
}

async function startInOrder(services: readonly Service[], running: Running): Promise<void> {
  for (const service of services) {
    if (running.signal.isCaught()) return;
    await startOne(service, running);
    running.started.push(service);
  }
  running.logger.info({ services: services.map((service) => service.name) }, 'started');
}

async function startOne(service: Service, { signal, stopTimeoutMs }: Running): Promise<void> {
  const start = service.start();
  await Promise.race([start, signal.caught]);
  const makeError = () => new TimeoutError(`${service.name} was still starting when told to stop`);
  await withTimeout(start, stopTimeoutMs, makeError);
}

/** Returns what failed instead of throwing: one service that hangs must not keep the others from stopping. */
async function stopInReverse({ started, logger, stopTimeoutMs }: Running): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const service of started.toReversed()) {
    try {
      await stopOne(service, stopTimeoutMs);
    } catch (error) {
      logger.error({ err: error, stopping: service.name }, 'service did not stop cleanly');
      failures.push(error);
    }
  }
  return failures;
}

async function stopOne(service: Service, stopTimeoutMs: number): Promise<void> {
  const makeError = () => new TimeoutError(`${service.name} did not stop within ${stopTimeoutMs} ms`);
  await withTimeout(service.stop(), stopTimeoutMs, makeError);
}
