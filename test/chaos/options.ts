import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Guard } from '../composition/broken-guards.ts';
import { GUARDS } from '../composition/broken-guards.ts';
import { REVEALED_BY } from './guards.ts';
import type { FaultKind } from './plan.ts';
import { KINDS } from './plan.ts';

export interface ChaosOptions {
  /** How long there is traffic; setting up before it and settling after it come on top. Default 60. */
  readonly seconds: number;
  /** Decides everything that is drawn. Default: a random one. */
  readonly seed: number;
  /** The last line is one JSON object, and all else goes to standard error. */
  readonly json: boolean;
  /** False: on Postgres alone. */
  readonly redis: boolean;
  /** Leave ledgers and logs where they are. */
  readonly keep: boolean;
  /** Events that the producer sends. Default 80. */
  readonly perSecond: number;
  /** Only these are drawn. Default: all that can happen; without a guard, those that it guards against. */
  readonly kinds: readonly FaultKind[];
  /** Where others take the processors, what depends on time is told and not judged. */
  readonly allowsBusy: boolean;
  /** The guard that is taken out; null in an honest run. */
  readonly broken: Guard | null;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const USAGE =
  'Usage: npm run chaos -- [--seconds N] [--seed N] [--json] [--no-redis] [--keep] [--rate EVENTS_PER_SECOND] [--faults KIND,…] [--break GUARD] [--allow-busy]';

/** @throws UsageError */
export function readOptions(args: readonly string[]): ChaosOptions {
  const values = parse(args);
  const broken = guardOf(values.break);
  const revealing = broken === null ? undefined : REVEALED_BY[broken].join(',');
  return {
    seconds: integer(values.seconds ?? '60', 5, 86_400),
    seed: integer(values.seed ?? String(randomInt(2 ** 32 - 1)), 0, 2 ** 32 - 1),
    json: values.json,
    redis: !values['no-redis'],
    keep: values.keep,
    allowsBusy: values['allow-busy'],
    perSecond: integer(values.rate ?? '80', 1, 5_000),
    kinds: kindsOf(values.faults ?? revealing, !values['no-redis']),
    broken,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        rate: { type: 'string' },
        faults: { type: 'string' },
        break: { type: 'string' },
        json: { type: 'boolean', default: false },
        'no-redis': { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        'allow-busy': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function integer(text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${text} is not a whole number from ${least} to ${most}.\n${USAGE}`);
}

function guardOf(text: string | undefined): Guard | null {
  if (text === undefined) return null;
  const guard = GUARDS.find((one) => one === text);
  if (guard !== undefined) return guard;
  throw new UsageError(`${text} is no guard: ${GUARDS.join(', ')}.\n${USAGE}`);
}

function kindsOf(text: string | undefined, redis: boolean): FaultKind[] {
  const possible = (Object.keys(KINDS) as FaultKind[]).filter((kind) => redis || !kind.startsWith('redis'));
  if (text === undefined) return possible;
  const wanted = text.split(',');
  const kinds = possible.filter((kind) => wanted.includes(kind));
  if (kinds.length === wanted.length) return kinds;
  throw new UsageError(`Not all of ${text} are faults of this run, which may be: ${possible.join(', ')}.`);
}
