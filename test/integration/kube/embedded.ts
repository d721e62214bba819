import { apiServer, type ApiServer } from '../../../src/apiserver/server.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { Runtime } from '../../../src/base/runtime.ts';
import { client } from '../../../src/kube/client.ts';
import type { Client } from '../../../src/kube/types.ts';
import type { KubeObject } from '../../../src/meta/objects.ts';
import type { Kind } from '../../../src/meta/resource.ts';
import { memoryDisk } from '../../../src/sim/disk.ts';

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}
export const ConfigMap: Kind<ConfigMap> = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

const token = 'secret';
const users = new Map([[token, { username: 'test', groups: ['system:masters'] }]]);
export const authorization = { authorization: `Bearer ${token}` };
/** An API server in this process, and a client right beside it. */
export async function embedded(runtime: Runtime): Promise<{ server: ApiServer; direct: Client }> {
  const server = await apiServer({ runtime, tokens: users, disk: memoryDisk({ random: seededRandom(7) }).mount() });
  const direct = client(server.handler, runtime, { userAgent: 'writer', fieldManager: 'writer', headers: authorization });
  return { server, direct };
}
