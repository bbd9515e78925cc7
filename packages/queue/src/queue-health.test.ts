import { describe, expect, test } from 'vitest';
import { QueueHealth } from './queue-health.ts';

function healthAt(start: { nowMs: number }) {
  const changes: string[] = [];
  const health = new QueueHealth({
    highWaterMark: 100,
    clock: () => start.nowMs,
    onChange: (isAway, reason) => changes.push(isAway ? `away: ${reason}` : 'back'),
  });
  return { health, changes };
}

describe('QueueHealth', () => {
  test('is away until a probe is answered, and then accepts', () => {
    const { health, changes } = healthAt({ nowMs: 0 });
    expect(health.state).toBe('away');
    health.answered(0);
    expect(health.state).toBe('accepting');
    expect(changes).toEqual(['back']);
  });

  test('is full from the high-water mark on, which is no change worth a line', () => {
    const { health, changes } = healthAt({ nowMs: 0 });
    health.answered(99);
    expect(health.state).toBe('accepting');
    health.answered(100);
    expect(health.state).toBe('full');
    health.answered(99);
    expect(health.state).toBe('accepting');
    expect(changes).toEqual(['back']);
  });

  test('knows what waits: by the last probe, and what was added since', () => {
    const { health } = healthAt({ nowMs: 0 });
    health.answered(30, 10);
    health.adding(5);
    expect([health.depth, health.waiting]).toEqual([30, 15]);
    health.answered(3);
    expect([health.depth, health.waiting]).toEqual([3, 3]);
  });

  test('tells once that it is away, however often it is told', () => {
    const { health, changes } = healthAt({ nowMs: 0 });
    health.answered(0);
    health.lost('closed');
    health.lost('refused');
    expect(changes).toEqual(['back', 'away: closed']);
  });

  test('wants a write proven at first and after every loss, and not while all is well', () => {
    const { health } = healthAt({ nowMs: 0 });
    expect(health.mustProveWrites).toBe(true);
    health.answered(0);
    expect(health.mustProveWrites).toBe(false);
    health.refused('OOM');
    expect(health.mustProveWrites).toBe(true);
  });

  test('stays away longer each time that announces fail although probes succeed, up to 10 s', () => {
    const time = { nowMs: 0 };
    const { health } = healthAt(time);
    const away: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      health.answered(0);
      health.refused('OOM');
      const from = time.nowMs;
      while (health.state === 'away') {
        time.nowMs += 10;
        health.answered(0);
      }
      away.push(time.nowMs - from);
    }
    expect(away).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);

    health.taken();
    health.refused('OOM');
    time.nowMs += 250;
    health.answered(0);
    expect(health.state).toBe('accepting');
  });

  test('counts announces that fail together as one failure', () => {
    const time = { nowMs: 0 };
    const { health } = healthAt(time);
    health.answered(0);
    for (let i = 0; i < 50; i += 1) health.refused('OOM');
    time.nowMs = 250;
    health.answered(0);
    expect(health.state).toBe('accepting');
  });

  test('goes away without a word when it is closed', () => {
    const { health, changes } = healthAt({ nowMs: 0 });
    health.answered(0);
    health.close();
    expect(health.state).toBe('away');
    expect(changes).toEqual(['back']);
  });
});
