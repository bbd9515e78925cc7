import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/index.ts';

export interface BenchOptions {
  readonly scenario: string;
  /** What is measured in all; set-up and warm-up come on top. Default: the scenario's own. */
  readonly seconds: number;
  /** Default 3; where only moments are measured, 1. */
  readonly rounds: number;
  /** The last line is one JSON object, and all else goes to standard error. */
  readonly json: boolean;
  /** The sizes that the targets are meant for. */
  readonly full: boolean;
  /** Where CPU profiles of API and workers go; null: none are made. */
  readonly profiles: string | null;
  /** Leave logs and what was measured on where they are. */
  readonly keep: boolean;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const USAGE = [
  'Usage: npm run bench -- SCENARIO [--seconds N] [--rounds N] [--full] [--profile FOLDER] [--json] [--keep]',
  ...Object.entries(SCENARIOS).map(([name, { what }]) => `  ${name.padEnd(11)} ${what}`),
].join('\n');

/** @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parse(args);
  const [scenario = '', ...rest] = positionals;
  const chosen = Object.hasOwn(SCENARIOS, scenario) ? SCENARIOS[scenario] : undefined;
  if (chosen === undefined || rest.length > 0) throw new UsageError(USAGE);
  const seconds = positive(values.seconds ?? String(chosen.seconds), 86_400);
  const rounds = positive(values.rounds ?? (seconds < 6 ? '1' : '3'), 100);
  return {
    scenario,
    seconds,
    rounds,
    full: values.full,
    profiles: values.profile ?? null,
    json: values.json,
    keep: values.keep,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean', default: false },
        profile: { type: 'string' },
        full: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function positive(text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(`${text} is not a whole number from 1 to ${most}.\n${USAGE}`);
}
