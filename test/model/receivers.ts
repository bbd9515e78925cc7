import type { ReceivedRequest, ReceiverAnswer } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { RETRY_AFTER_MS } from './policy.ts';
import type { Manner } from './step.ts';
import { ANSWERS } from './step.ts';

/** One real receiver, in which each path has manners of its own. */
export interface Receivers extends AsyncDisposable {
  readonly url: string;
  behave(path: string, manner: Manner): void;
  /** All that came to a path, in the order in which it came. */
  requestsAt(path: string): readonly ReceivedRequest[];
  /** What waits for an answer at a path, oldest first. */
  heldAt(path: string): readonly Held[];
}

export interface Held {
  readonly request: ReceivedRequest;
  readonly sinceMs: number;
  answer(status: number): void;
}

export async function startReceivers(): Promise<Receivers> {
  const manners = new Map<string, Manner>();
  let held: Held[] = [];
  const hold = (request: ReceivedRequest) =>
    new Promise<ReceiverAnswer>((resolve) => {
      const end = (answer: ReceiverAnswer) => {
        held = held.filter((other) => other.request !== request);
        resolve(answer);
      };
      held.push({ request, sinceMs: performance.now(), answer: (status) => end(withStatus(status)) });
      request.gone.addEventListener('abort', () => end({}));
    });
  const receiver = await startReceiver((request) => {
    const manner = manners.get(request.path) ?? 'up';
    return manner === 'slow' ? hold(request) : withStatus(ANSWERS[manner]);
  });
  return {
    url: receiver.url,
    behave: (path, manner) => manners.set(path, manner),
    requestsAt: (path) => receiver.requests.filter((request) => request.path === path),
    heldAt: (path) => held.filter(({ request }) => request.path === path),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

function withStatus(status: number): ReceiverAnswer {
  return status === 429 ? { status, headers: { 'retry-after': String(RETRY_AFTER_MS / 1_000) } } : { status };
}
