import type { Command } from 'commander';
import type { Globals } from '../context.ts';

interface CanaryOptions {
  receiver?: string;
  port?: string;
  interval?: string;
}

export function addCanary(program: Command): void {
  program
    .command('canary')
    .description('Prove the whole chain all the time: publish an event a minute, receive and verify it, tell metrics')
    .option('--receiver <url>', 'where workers reach it; HOOKLANE_CANARY_URL')
    .option('--port <port>', 'that it receives at; HOOKLANE_CANARY_PORT')
    .option('--interval <duration>', 'between two events, such as 30s; HOOKLANE_CANARY_INTERVAL')
    .action(async (options: CanaryOptions, command: Command) => {
      // Metrics and logs of a process that stays come with it, and no other command needs them.
      const { runCanary } = await import('../canary/run.ts');
      await runCanary({ ...process.env, ...environmentOf(options, command) });
    });
}

/** Options in the place of variables, so that both are judged alike and all problems are told at once. */
function environmentOf(options: CanaryOptions, command: Command): Record<string, string> {
  const { url, key, org } = command.optsWithGlobals<Globals>();
  // HOOKLANE_ORG is the org of whoever types commands: the canary has its own, unless it is told on the command line.
  const isOrgTyped = command.getOptionValueSourceWithGlobals('org') === 'cli';
  const given = {
    HOOKLANE_URL: url,
    HOOKLANE_API_KEY: key,
    HOOKLANE_CANARY_ORG: isOrgTyped ? org : undefined,
    HOOKLANE_CANARY_URL: options.receiver,
    HOOKLANE_CANARY_PORT: options.port,
    HOOKLANE_CANARY_INTERVAL: options.interval,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
