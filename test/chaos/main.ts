import { setMaxListeners } from 'node:events';
import process from 'node:process';
import type { Judgement } from './check/index.ts';
import { judge } from './check/index.ts';
import type { ChaosOptions } from './options.ts';
import { readOptions, UsageError } from './options.ts';
import { playRun } from './run.ts';

/** `npm run chaos`: real processes, real faults, two ledgers and a judge. Exits 0 only when everything held. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const tell = narrator(options);
  const interrupted = new AbortController();
  // Every fault that is still to come waits for it.
  setMaxListeners(0, interrupted.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  tell(`chaos: ${options.seconds} s with seed ${options.seed}${options.redis ? '' : ', without Redis'}`);
  const evidence = await playRun(options, { tell, signal: interrupted.signal });
  if (evidence === null) return 130;
  const judgement = judge(evidence);
  const held = judgement.invariants.every((invariant) => invariant.holds);
  for (const line of table(judgement)) tell(line);
  tell(
    held ? `\nEverything held (seed ${options.seed}).` : `\nNOT everything held: again with --seed ${options.seed}.`,
  );
  if (options.json) process.stdout.write(`${JSON.stringify(report(options, judgement))}\n`);
  return held ? 0 : 1;
}

/** With --json, standard output belongs to the result. */
function narrator({ json }: ChaosOptions): (line: string) => void {
  const begunMs = performance.now();
  const stream = json ? process.stderr : process.stdout;
  return (line) => {
    const seconds = ((performance.now() - begunMs) / 1000).toFixed(1).padStart(6);
    stream.write(`${seconds}  ${line}\n`);
  };
}

function table({ invariants, figures }: Judgement): string[] {
  const { faults, ...numbers } = figures;
  return [
    '',
    ...Object.entries(numbers).map(([name, value]) => `${name.padEnd(20)} ${value}`),
    `${'faults'.padEnd(20)} ${Object.entries(faults)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
    '',
    ...invariants.map(
      ({ id, name, holds, detail }) => `${holds ? '✓' : '✗'} ${id.padEnd(4)}${name.padEnd(20)} ${detail}`,
    ),
  ];
}

function report({ seed, seconds }: ChaosOptions, { figures, invariants }: Judgement): object {
  return {
    seed,
    seconds,
    ...figures,
    invariants: Object.fromEntries(invariants.map(({ id, holds }) => [id, holds])),
  };
}

try {
  const code = await main();
  // When it was interrupted, calls to the API may still be trying.
  process.exit(code);
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
