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
  const { seconds, seed, redis, broken } = options;
  tell(
    `chaos: ${seconds} s with seed ${seed}${redis ? '' : ', without Redis'}${broken ? `, WITHOUT THE GUARD ${broken}` : ''}`,
  );
  const evidence = await playRun(options, { tell, signal: interrupted.signal });
  if (evidence === null) return 130;
  const judgement = judge(evidence);
  const fallen = judgement.invariants.filter((invariant) => !invariant.holds);
  for (const line of table(judgement)) tell(line);
  tell(`\n${conclusion(options, fallen)}`);
  if (options.json) process.stdout.write(`${JSON.stringify(report(options, judgement))}\n`);
  return fallen.length === 0 ? 0 : 1;
}

function conclusion({ seed, broken }: ChaosOptions, fallen: Judgement['invariants']): string {
  const names = fallen.map(({ id, name }) => `${id} (${name})`).join(', ');
  if (broken === null) return names === '' ? `Everything held (seed ${seed}).` : `NOT held: ${names}. Seed ${seed}.`;
  return names === ''
    ? `Everything held without ${broken}: this run proves nothing. Seed ${seed}.`
    : `Without ${broken} these fell, as they must: ${names}. Seed ${seed}.`;
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
      ({ id, name, holds, judged = true, detail }) =>
        `${markOf(holds, judged)} ${id.padEnd(4)}${name.padEnd(20)} ${judged ? '' : 'NOT JUDGED, '}${detail}`,
    ),
  ];
}

function markOf(holds: boolean, judged: boolean): string {
  if (!judged) return '?';
  return holds ? '✓' : '✗';
}

function report({ seed, seconds, broken }: ChaosOptions, { figures, invariants }: Judgement): object {
  return {
    seed,
    seconds,
    ...figures,
    invariants: Object.fromEntries(invariants.map(({ id, holds }) => [id, holds])),
    not_judged: invariants.filter(({ judged }) => judged === false).map(({ id }) => id),
    without: broken,
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
