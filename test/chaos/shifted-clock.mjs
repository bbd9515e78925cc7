// Preloaded into one process of a run (node --import): its wall clock is wrong by CHAOS_CLOCK_SHIFT_MS. Timers and
// performance.now are monotonic and stay as they are, as with a real jump. What node itself reads natively stays right.
import process from 'node:process';

const shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate;
