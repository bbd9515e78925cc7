import { setImmediate as nextPoll } from 'node:timers/promises';

export interface ProbeLoopOptions<T> {
  /** Pause between the end of a probe and the next one, in milliseconds. */
  everyMs: number;
  /** An answer that takes longer counts as none, in milliseconds. */
  answerWithinMs: number;
  /** Asks; must settle some time, and may reject. */
  ask: () => Promise<T>;
  onAnswer: (answer: T) => void;
  onFailure: (error: unknown) => void;
  onSilence: () => void;
}

/** Asks again and again, one question at a time. What it finds out is told to the callbacks, each probe once. */
export class ProbeLoop<T> {
  readonly #options: ProbeLoopOptions<T>;
  #next: NodeJS.Timeout | undefined;
  #isAsking = false;
  #isStopped = false;

  constructor(options: ProbeLoopOptions<T>) {
    this.#options = options;
  }

  /** Begins, or cuts the pause short. */
  probeNow(): void {
    clearTimeout(this.#next);
    if (!this.#isAsking && !this.#isStopped) void this.#turn();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#next);
  }

  async #turn(): Promise<void> {
    this.#isAsking = true;
    await this.#probe();
    this.#isAsking = false;
    if (!this.#isStopped) this.#next = setTimeout(() => this.probeNow(), this.#options.everyMs);
  }

  async #probe(): Promise<void> {
    const { ask, answerWithinMs, onAnswer, onFailure, onSilence } = this.#options;
    let isJudged = false;
    const judgeOnce = (judge: () => void) => {
      if (!isJudged && !this.#isStopped) judge();
      isJudged = true;
    };
    const timer = setTimeout(async () => {
      // A stalled event loop runs its timers before it reads its sockets: the answer may be there already.
      await nextPoll();
      judgeOnce(onSilence);
    }, answerWithinMs);
    try {
      const answer = await ask();
      judgeOnce(() => onAnswer(answer));
    } catch (error) {
      judgeOnce(() => onFailure(error));
    } finally {
      clearTimeout(timer);
    }
  }
}
