import process from 'node:process';
import { rounded } from './numbers.ts';
import type { BenchOptions } from './options.ts';
import { readOptions, UsageError } from './options.ts';
import type { Figures } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';
import type { Verdict } from './targets.ts';
import { judge } from './targets.ts';

/** `npm run bench`: exits 0 when it ran. Figures are figures; whether they are good enough is told beside them. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const tell = narrator(options);
  const ends: Array<() => unknown> = [];
  const end = () => endAll(ends.splice(0), options.keep);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end().finally(() => process.exit(130)));
  }
  tell(`bench: ${options.scenario}, ${options.seconds} s measured in ${options.rounds} rounds`);
  try {
    const { seconds, rounds } = options;
    const context = { ...options, told: { seconds, rounds }, tell, defer: (one: () => unknown) => void ends.push(one) };
    const figures = await SCENARIOS[options.scenario]?.run(context);
    report(options, tell, { scenario: options.scenario, ...figures });
    return 0;
  } finally {
    await end();
  }
}

function report({ scenario, json }: BenchOptions, tell: (line: string) => void, figures: Figures): void {
  const readable = roundedAll(figures) as Figures;
  for (const [name, value] of Object.entries(readable)) tell(`${name.padEnd(22)} ${text(value)}`);
  tell('');
  for (const verdict of judge(scenario, figures)) tell(verdictText(verdict));
  if (json) process.stdout.write(`${JSON.stringify(readable)}\n`);
}

function verdictText({ figure, atLeast, atMost, value, isMet }: Verdict): string {
  const target = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `${isMet ? '✓' : '✗'} ${figure} ${target}: ${rounded(value)}`;
}

function text(value: Figures[string]): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function roundedAll(value: unknown): unknown {
  if (typeof value === 'number') return rounded(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, roundedAll(one)]));
}

/** With --json, standard output belongs to the result. */
function narrator({ json }: BenchOptions): (line: string) => void {
  const begunMs = performance.now();
  const stream = json ? process.stderr : process.stdout;
  return (line) => {
    stream.write(`${((performance.now() - begunMs) / 1000).toFixed(1).padStart(6)}  ${line}\n`);
  };
}

/** In reverse order, and each whatever became of the others. The first one is the folder's. */
async function endAll(ends: Array<() => unknown>, keep: boolean): Promise<void> {
  for (const [n, one] of [...ends.entries()].toReversed()) {
    if (n === 0 && keep) return;
    try {
      await one();
    } catch (error) {
      process.stderr.write(`could not end something: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
