import type { Parameters } from 'fast-check';

/** What the environment says about a run. */
export interface ModelOptions {
  readonly commands: { readonly maxCommands: number; readonly size: 'max'; readonly replayPath?: string };
  /** Where one failure is played again, not every command need occur. */
  readonly isReplay: boolean;
  /** For vitest: all of it, and the shrinking of a failure. */
  readonly timeoutMs: number;
  /** Parameters of one assertion after the other, until the time is over. */
  rounds(): Iterable<Pick<Parameters, 'seed' | 'path' | 'numRuns' | 'endOnFailure'>>;
}

/** With these every kind of command is executed, with Redis and without. */
const FIXED = { seed: 2, runs: 6, commands: 60 };
const ROUND = 5;

/** What a failure is shrunk to in this time is told. */
export const SHRINK_MS = 180_000;

/**
 * MODEL_SEED: a number, or `random`. MODEL_RUNS: how many sequences of commands; or MODEL_SECONDS: as many as fit in it.
 * MODEL_COMMANDS: the most in a sequence. MODEL_PATH and MODEL_REPLAY, with the seed: what the report of a failure calls
 * `path` and `replayPath`.
 */
export function modelOptions(env: NodeJS.ProcessEnv): ModelOptions {
  const { MODEL_SEED = FIXED.seed, MODEL_RUNS = FIXED.runs, MODEL_COMMANDS = FIXED.commands } = env;
  const { MODEL_SECONDS = 0, MODEL_PATH: path, MODEL_REPLAY: replayPath } = env;
  const seed = MODEL_SEED === 'random' ? Date.now() % 1_000_000_000 : Number(MODEL_SEED);
  const numRuns = Number(MODEL_RUNS);
  const seconds = Number(MODEL_SECONDS);
  return {
    commands: { maxCommands: Number(MODEL_COMMANDS), size: 'max', ...(replayPath !== undefined && { replayPath }) },
    isReplay: path !== undefined,
    timeoutMs: seconds * 1_000 + numRuns * 60_000 + 2 * SHRINK_MS,
    rounds: () =>
      seconds > 0
        ? roundsFor(seconds, seed)
        : [path === undefined ? { seed, numRuns } : { seed, path, numRuns: 1, endOnFailure: true }],
  };
}

function* roundsFor(seconds: number, firstSeed: number) {
  const endsAt = performance.now() + seconds * 1_000;
  for (let seed = firstSeed; performance.now() < endsAt; seed++) yield { seed, numRuns: ROUND };
}
