import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { realControlPlane } from '../real/control-plane.ts';
import { prepare } from './prepare.ts';
import { userAgent } from './stage.ts';
import type { Stage } from './stage.ts';

const moment = 25;

/** A real control plane of its own; with the controllers of kube-controller-manager when `controllers`, else none that would meddle. */
export async function realStage({ controllers = false }: { readonly controllers?: boolean } = {}): Promise<Stage> {
  const real = await realControlPlane({ audit: false, controllers });
  const transport = undiciControlPlane({ server: real.url, ca: await readFile(real.caFile, 'utf8'), token: real.adminToken });
  const stage: Stage = {
    controlPlane: transport.controlPlane,
    headers: { 'user-agent': userAgent },
    pause: () => sleep(moment),
    close: async () => {
      await transport.close();
      await real.stop();
    },
  };
  try {
    await prepare(stage);
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}
