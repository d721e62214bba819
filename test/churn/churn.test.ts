// Clients get over whatever a network and a server do to them, and lose nothing of what was written meanwhile.
import { test } from 'node:test';
import { embeddedPlane } from './embedded-plane.ts';
import { churnSeconds, playChurn } from './play.ts';

test(`caches and listeners end up with what the embedded server lists, after ${String(churnSeconds)} s of churn`, async (t) => {
  await playChurn(t, await embeddedPlane());
});
