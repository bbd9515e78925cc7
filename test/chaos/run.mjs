// `npm run chaos`: plain JavaScript, because it runs before anything is installed.
import { play } from '../support/play.mjs';

await play('test/chaos/main.ts', (args) => !args.includes('--no-redis'));
