import { parentPort } from 'node:worker_threads';
import { answerFirst, createAnswerer } from './answer-asks.ts';
import type { Asked } from './asks.ts';
import { READY } from './asks.ts';

/** The thread. What throws ends it: who asked hears of that, and starts another. */
const answer = createAnswerer();

parentPort?.on('message', ({ asks }: Asked) => {
  parentPort?.postMessage(answerFirst(asks, answer, () => performance.now()));
});
parentPort?.postMessage(READY);
