import type { HelperOptions } from '../chaos/helper.ts';
import { startHelper } from '../chaos/helper.ts';
import type { Answer, Calls, Question } from './processes/serve.ts';

/** A process of the bench's own that answers calls: the load generator, the receiver, a baseline. */
export interface Peer<C extends Calls<C>> {
  /** One at a time. Throws when the process ended, or does not answer within a minute. */
  call<N extends keyof C & string>(name: N, ...args: Parameters<C[N]>): Promise<Awaited<ReturnType<C[N]>>>;
  readonly pid: number;
  end(): void;
}

const ANSWER_MS = 60_000;

/** Resolves when it is ready for calls. */
export async function startPeer<C extends Calls<C>>(
  name: string,
  options: Pick<HelperOptions, 'folder' | 'config'>,
): Promise<Peer<C>> {
  const script = new URL(`processes/${name}.ts`, import.meta.url);
  const helper = startHelper<Answer, Question>({ name, script, ...options });
  const { pid } = await helper.heard((news) => news.n === 0, ANSWER_MS);
  let asked = 0;
  return {
    pid,
    async call(what, ...args) {
      const n = ++asked;
      helper.order({ n, name: what, args });
      const { answer, error } = await helper.heard((news) => news.n === n, ANSWER_MS);
      if (error !== null) throw new Error(`${name}: ${error}`);
      return answer as never;
    },
    end: () => helper.end(),
  };
}
