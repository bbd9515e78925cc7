import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName } from './port-calls.ts';
import { PORT_CALLS } from './port-calls.ts';

/**
 * A moment at which a process may die: `<process>.<port>.<call>.before` or `.after`. All of them are generated from the
 * calls that change durable state.
 */
export interface CrashPoint {
  readonly name: string;
  readonly process: ProcessName;
  readonly call: string;
  readonly when: 'before' | 'after';
}

export const CRASH_POINTS: readonly CrashPoint[] = Object.entries(PORT_CALLS).flatMap(([process, ports]) =>
  Object.entries(ports).flatMap(([port, calls]) => pointsOf(process as ProcessName, port, calls)),
);

function pointsOf(process: ProcessName, port: string, calls: Readonly<Record<string, boolean>>): CrashPoint[] {
  return Object.keys(calls)
    .filter((name) => calls[name])
    .flatMap((name) => {
      const call = `${process}.${port}.${name}`;
      return (['before', 'after'] as const).map((when) => ({ name: `${call}.${when}`, process, call, when }));
    });
}

/** Where the test says which point is armed, and where the process says that it has reached it. */
export const ARMED = 'armed';
export const REACHED = 'reached';

/**
 * Puts the crash points of a process between its use cases and its ports. `CRASH_POINT=<name>[:n]` arms one from the
 * start, for the n-th time it is reached; the file `armed` in the folder `CRASH_DIR` arms one in a running process.
 */
export function withCrashPoints<Ports extends object>(process: ProcessName, ports: Ports): Ports {
  const wrapped = { ...ports } as Record<string, unknown>;
  for (const [port, calls] of Object.entries(PORT_CALLS[process])) {
    const target = wrapped[port];
    if (isObject(target)) wrapped[port] = withPoints(target, { prefix: `${process}.${port}`, calls });
  }
  return wrapped as Ports;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A proxy rather than a copy: ports may be class instances with a state of their own. */
export function withPoints<Port extends object>(
  port: Port,
  { prefix, calls }: { prefix: string; calls: Readonly<Record<string, boolean>> },
): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (calls[String(key)] !== true) return value.bind(target);
      return async (...given: unknown[]) => {
        reach(`${prefix}.${String(key)}.before`);
        const result: unknown = await value.apply(target, given);
        if (changedSomething(result)) reach(`${prefix}.${String(key)}.after`);
        return result;
      };
    },
  });
}

/** A poll that found nothing is no boundary: dying there would prove nothing. */
function changedSomething(result: unknown): boolean {
  if (Array.isArray(result)) return result.length > 0;
  if (!isObject(result)) return result === undefined || Boolean(result);
  if ('refs' in result) return changedSomething(result.refs);
  if ('deleted' in result) return Number(result.deleted) > 0;
  return true;
}

let timesLeft: number | null = null;

function reach(name: string): void {
  const [armed, times = '1'] = armedPoint().split(':');
  if (armed !== name) return;
  timesLeft = (timesLeft ?? Number(times)) - 1;
  if (timesLeft > 0) return;
  const folder = process.env['CRASH_DIR'];
  if (folder !== undefined) writeFileSync(join(folder, REACHED), name, { flush: true });
  process.kill(process.pid, 'SIGKILL');
}

/** Read anew each time: the test arms a point while the process runs. */
function armedPoint(): string {
  const folder = process.env['CRASH_DIR'];
  if (folder === undefined) return process.env['CRASH_POINT'] ?? '';
  try {
    return readFileSync(join(folder, ARMED), 'utf8');
  } catch {
    return process.env['CRASH_POINT'] ?? '';
  }
}
