import { describe, expect, it } from 'vitest';
import { Movement } from './movement.ts';

function standing(relayIntervalMs = 1_000) {
  let nowMs = 5_000;
  const movement = new Movement({ relayIntervalMs, slots: 2, clock: () => nowMs });
  return { movement, pass: (ms: number) => (nowMs += ms) };
}

describe('Movement', () => {
  it('takes a relay that has not turned for more than ten seconds for still, and one that turns again for mended', () => {
    const { movement, pass } = standing();
    pass(10_000);
    expect(movement.checks(0).relay).toBe('ok');
    pass(1);
    expect(movement.checks(0).relay).toBe('failed');
    expect(movement.relayTurned('idle')).toBe('idle');
    expect(movement.checks(0).relay).toBe('ok');
  });

  it('has more patience with a relay that is told to turn rarely', () => {
    const { movement, pass } = standing(20_000);
    pass(59_000);
    expect(movement.checks(0).relay).toBe('ok');
    pass(2_000);
    expect(movement.checks(0).relay).toBe('failed');
  });

  it('takes slots for stuck that are all used while no attempt has ended for a minute', () => {
    const { movement, pass } = standing();
    pass(60_001);
    expect(movement.checks(1).slots).toBe('ok');
    expect(movement.checks(2).slots).toBe('failed');
    movement.attemptEnded();
    expect(movement.checks(2).slots).toBe('ok');
  });
});
