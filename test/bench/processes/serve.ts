import { readFileSync } from 'node:fs';

/** What a process answers, each by a function that takes and gives what JSON can hold. */
export type Calls<C> = { readonly [N in keyof C]: (...args: never[]) => unknown };

export interface Question {
  readonly n: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Number 0 says that it is ready. */
export interface Answer {
  readonly n: number;
  readonly pid: number;
  readonly answer: unknown;
  readonly error: string | null;
}

/** Answers the conductor's calls, and ends with it. */
export function serve<C extends Calls<C>>(calls: C): void {
  const { pid } = process;
  const tell = (told: Omit<Answer, 'pid'>) => process.send?.({ ...told, pid } satisfies Answer);
  process.on('disconnect', () => process.exit(1));
  process.on('message', async ({ n, name, args }: Question) => {
    try {
      const call = new Map(Object.entries(calls)).get(name) as (...args: readonly unknown[]) => unknown;
      tell({ n, answer: (await call(...args)) ?? null, error: null });
    } catch (error) {
      tell({ n, answer: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  tell({ n: 0, answer: null, error: null });
}

/** What the process was started with. */
export function configuration<T>(): T {
  return JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as T;
}
