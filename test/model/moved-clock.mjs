// Preloaded (node --import) into the processes under the model-based test: their wall clock is as far ahead as the file
// CLOCK_FILE says, read at the start and at every SIGWINCH. Timers and performance.now stay as they are.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const RealDate = Date;
const read = () => Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
let aheadMs = read();
process.on('SIGWINCH', () => {
  aheadMs = read();
});

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};
