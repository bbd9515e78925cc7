// `npm run bench`: plain JavaScript, because it runs before anything is installed.
import { play } from '../support/play.mjs';

await play('test/bench/main.ts');
