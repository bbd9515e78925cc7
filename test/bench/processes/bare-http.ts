import { Pool } from 'undici';
import { clockMs } from '../clock.ts';
import { payloadOf } from './event-writer.ts';
import { serve } from './serve.ts';

export interface BareHttpCalls {
  /** Posts for so long, from as many loops; how many were answered per second. */
  run(url: string, loops: number, seconds: number): Promise<number>;
}

/** undici and a loop, nothing else: what Node can POST where nothing has to be kept, signed or guarded. */
serve<BareHttpCalls>({
  async run(url, loops, seconds) {
    const { origin, pathname } = new URL(url);
    const pool = new Pool(origin, { connections: loops });
    const begunMs = clockMs();
    let answered = 0;
    const loop = async () => {
      while (clockMs() - begunMs < seconds * 1000) {
        const { body } = await pool.request({
          path: pathname,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: payloadOf(clockMs()),
        });
        await body.dump();
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: loops }, loop));
    const elapsedMs = clockMs() - begunMs;
    await pool.close();
    return (answered / elapsedMs) * 1000;
  },
});
