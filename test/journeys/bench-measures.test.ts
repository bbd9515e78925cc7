import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The names are a contract: whoever compares runs reads them from the last line. */
it('measures throughput beside its baselines, and writes the figures as one flat object', {
  timeout: 300_000,
}, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=source',
      '--import',
      'tsx',
      'test/bench/main.ts',
      'throughput',
      '--seconds',
      '6',
      '--rounds',
      '1',
      '--json',
    ],
    { cwd: fileURLToPath(new URL('../../', import.meta.url)) },
  );

  const figures = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;

  expect(figures).toMatchObject({ scenario: 'throughput', seconds: 6, rounds: 1 });
  const names = ['published_per_s', 'delivered_per_s', 'ratio_handrolled', 'ratio_bare_http', 'api_us', 'worker_us'];
  for (const name of names) expect(figures[name], name).toBeGreaterThan(0);
});
