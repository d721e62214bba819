import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { playClusterFlag } from '../integration/cluster-flag.ts';
import { realControlPlane } from './control-plane.ts';

it('npm start -- --cluster FILE on a cluster that has nothing of ours', async (t) => {
  const real = await realControlPlane({ audit: false });
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-on-cluster-'));
  t.after(async () => {
    await real.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await playClusterFlag(real.kubeconfig, folder);
});
