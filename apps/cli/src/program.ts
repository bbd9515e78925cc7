import { Command, Option } from 'commander';
import { addBench } from './commands/bench.ts';
import { addCanary } from './commands/canary.ts';
import { addDiverted } from './commands/diverted.ts';
import { addDoctor } from './commands/doctor.ts';
import { addListen } from './commands/listen.ts';
import { addMaintenance } from './commands/maintenance.ts';
import { addOperations } from './commands/operations.ts';
import { addPauses } from './commands/pauses.ts';
import { addQueues } from './commands/queues.ts';
import { addReplay } from './commands/replay.ts';
import { addSend } from './commands/send.ts';
import { addWebhooks } from './commands/webhooks.ts';
import { cliSettings } from './settings.ts';

/** All commands. Parsing throws a CommanderError instead of ending the process. `writeErr` gets what commander would print with it. */
export function createProgram(writeErr: (text: string) => void = () => {}): Command {
  const program = new Command('hooklane')
    .description('Durable webhook delivery: look at it, try it, and act on it, over its API.')
    .version('0.1.0')
    .addOption(
      new Option('--url <url>', cliSettings.url.description).env(cliSettings.url.env).default(cliSettings.url.default),
    )
    .addOption(new Option('--key <key>', cliSettings.key.description).env(cliSettings.key.env))
    .addOption(new Option('--org <slug>', cliSettings.org.description).env(cliSettings.org.env))
    .option('--json', 'JSON on standard output: one object, or one a line where there are many', false)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({ writeErr })
    .showHelpAfterError();
  for (const add of COMMANDS) add(program);
  inherit(program);
  return program;
}

/** In the order of the help. */
const COMMANDS = [
  addDoctor,
  addListen,
  addCanary,
  addSend,
  addWebhooks,
  addDiverted,
  addReplay,
  addPauses,
  addQueues,
  addOperations,
  addMaintenance,
  addBench,
];

const EXIT_CODES = `
Exit codes: 0 done · 1 it failed (a problem found, a delivery not made, a wait too long) · 2 the command line is wrong ·
3 the API refused · 4 no answer · 130 interrupted`;

/** Commander copies these to commands made by \`command()\` only when they are set before; ours are set here. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}
