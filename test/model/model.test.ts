import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, commandArbitraries } from './commands/index.ts';
import { webhookPlan } from './commands/webhooks.ts';
import { modelOptions, SHRINK_MS } from './options.ts';
import { play } from './play.ts';
import { openSystem } from './system.ts';

const options = modelOptions(process.env);

describe.each([
  ['with Redis', true],
  ['on Postgres alone', false],
])('whatever is done in whichever order (%s)', (_, redis) => {
  it('Hooklane is where its model allows it to be', { timeout: options.timeoutMs }, async () => {
    await using system = await openSystem({ redis });
    const executed = new Map<string, number>();
    const endings = { played: 0, 'given up': 0 };
    const whileItIsWorthIt = shrinkingFor(SHRINK_MS);
    const sequences = fc.asyncProperty(
      fc.array(webhookPlan, { minLength: 2, maxLength: 3 }),
      fc.commands(commandArbitraries(), options.commands),
      (plans, commands) =>
        whileItIsWorthIt(async () => {
          endings[await play(system, { plans, commands, executed })]++;
        }),
    );

    for (const round of options.rounds()) await fc.assert(sequences, { ...round, includeErrorInReport: true });

    process.stdout.write(`${JSON.stringify(endings)} ${tell(executed)}\n`);
    if (!options.isReplay) expect(endings['given up']).toBeLessThan(Math.max(2, endings.played / 5));
    if (!options.isReplay) expect(COMMAND_NAMES.filter((name) => !executed.has(name))).toEqual([]);
  });
});

function tell(executed: ReadonlyMap<string, number>): string {
  const all = [...executed.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...executed].toSorted().map(([name, count]) => `${name} ${count}`);
  return `${all} commands: ${kinds.join(', ')}`;
}

/** After a failure it tries to find a shorter one for a while; then all that is left to try counts as passed. */
function shrinkingFor(ms: number): (run: () => Promise<void>) => Promise<void> {
  let endsAt = Number.POSITIVE_INFINITY;
  return async (run) => {
    if (performance.now() > endsAt) return;
    try {
      await run();
    } catch (error) {
      endsAt = Math.min(endsAt, performance.now() + ms);
      throw error;
    }
  };
}
