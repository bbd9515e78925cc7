import { parentPort } from 'node:worker_threads';
import { createAnswerer } from './answer-asks.ts';
import type { Answered, Asked } from './asks.ts';
import { READY } from './asks.ts';

/** The thread. What throws ends it: who asked hears of that, and starts another. */
const answer = createAnswerer();

parentPort?.on('message', ({ asks }: Asked) => {
  const answered: Answered = { answers: asks.map(answer) };
  parentPort?.postMessage(answered);
});
parentPort?.postMessage(READY);
