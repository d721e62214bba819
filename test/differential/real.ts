import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { undiciControlPlane } from '../../src/net/undici-control-plane.ts';
import { realControlPlane } from '../real/control-plane.ts';
import type { RealAddresses } from '../real/control-plane.ts';
import { prepare } from './prepare.ts';
import { userAgent } from './stage.ts';
import type { Stage } from './stage.ts';

const moment = 25;

/** A real control plane of its own; with the controllers of kube-controller-manager when `controllers`, else none that would meddle. */
export async function realStage({ controllers = false }: { readonly controllers?: boolean } = {}): Promise<Stage> {
  const real = await realControlPlane({ audit: false, controllers });
  const stage = await stageOn(real, () => real.stop());
  try {
    await prepare(stage);
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** A real control plane that is there already, and made ready. `stop` is called when the stage closes. */
export async function stageOn(real: RealAddresses, stop: () => Promise<void>): Promise<Stage> {
  const transport = undiciControlPlane({ server: real.url, ca: await readFile(real.caFile, 'utf8'), token: real.adminToken });
  return {
    controlPlane: transport.controlPlane,
    headers: { 'user-agent': userAgent },
    pause: () => sleep(moment),
    compact: () => compactEtcd(real.etcdUrl),
    close: async () => {
      await transport.close();
      await stop();
    },
  };
}

/**
 * What kube-apiserver does every five minutes: it writes down what it forgets, which every other one looks at, and forgets it. Its caches
 * look every 15 s, each by itself: a scenario that needs that asks `until` it is so.
 */
async function compactEtcd(url: string): Promise<void> {
  const key = base64('compact_rev_key');
  const { header } = (await ask(`${url}/v3/kv/range`, { key })) as { header: { revision: string } };
  await ask(`${url}/v3/kv/put`, { key, value: base64(header.revision) });
  await ask(`${url}/v3/kv/compaction`, { revision: header.revision, physical: true });
}

async function ask(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${String(response.status)} of ${url}: ${await response.text()}`);
  return response.json();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
