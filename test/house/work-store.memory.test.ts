import { describeWorkStore, WORLD_TIMES } from '../conformance/work-store.ts';
import { createMemoryWorkWorld } from '../support/memory/work-world.ts';

describeWorkStore('memory', async () => createMemoryWorkWorld(WORLD_TIMES));
