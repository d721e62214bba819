/** One control plane for all test files of a run: the runner starts it and tells the files where it is. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realControlPlane, type RealAddresses } from './control-plane.ts';

/** Names the folder of `real.json`. */
export const realVariable = 'HYPERSPHERE_REAL';

export interface JoinedControlPlane extends RealAddresses {
  /** Lets go of it: what is shared goes on, what is this file's own ends. */
  done(): Promise<void>;
}

/** The control plane of this run; without one, as when a test file is run by itself, one of its own. */
export async function joinControlPlane(): Promise<JoinedControlPlane> {
  const folder = process.env[realVariable];
  if (folder !== undefined) {
    return { ...(JSON.parse(await readFile(join(folder, 'real.json'), 'utf8')) as RealAddresses), done: () => Promise.resolve() };
  }
  const own = await realControlPlane();
  return { ...own, done: () => own.stop() };
}

/** Writes down where a control plane is, so that other processes can join it. */
export async function share(addresses: RealAddresses): Promise<{ readonly folder: string; done(): Promise<void> }> {
  const { url, kubeconfig, caFile, adminToken, auditLog, etcdUrl, tools } = addresses;
  const folder = await mkdtemp(join(tmpdir(), 'hypersphere-shared-'));
  const text = JSON.stringify({ url, kubeconfig, caFile, adminToken, auditLog, etcdUrl, tools } satisfies RealAddresses, undefined, 2);
  await writeFile(join(folder, 'real.json'), text, { mode: 0o600 });
  return { folder, done: () => rm(folder, { recursive: true, force: true }) };
}
