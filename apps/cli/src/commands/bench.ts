import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Globals } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';

const SCRIPT = fileURLToPath(new URL('../../../../test/bench/run.mjs', import.meta.url));

export function addBench(program: Command): void {
  program
    .command('bench')
    .description(
      'Measure this version on this machine, on a Postgres and Redis of its own (a clone of the sources is needed)',
    )
    .argument('[scenario-and-options...]', 'as npm run bench takes them; without any it lists them')
    .allowUnknownOption()
    .action(async (given: string[], _, command: Command) => {
      if (!existsSync(SCRIPT))
        throw new CliError(EXIT.usage, 'The benchmark is part of the sources, and they are not here.');
      const { json } = command.optsWithGlobals<Globals>();
      const child = spawn(process.execPath, [SCRIPT, ...given, ...(json ? ['--json'] : [])], { stdio: 'inherit' });
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0)
        throw new CliError(code === EXIT.usage ? EXIT.usage : EXIT.failed, 'The benchmark did not succeed.');
    });
}
