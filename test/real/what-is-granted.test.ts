/** What the manifests' roles grant is what was used: judged by the audit log of all that ran before, and of what is done here. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { e2eVariable, startSuite, type Readable, type Suite } from '../e2e/control-plane.ts';
import { kubectlVariable } from '../e2e/programs.ts';
import { objectsOf } from '../manifests/kustomize.ts';
import { grantsOf, words } from '../manifests/roles.ts';
import { covers, needs, usedBy } from '../manifests/audit.ts';
import { deploy, overlay } from './deploy.ts';
import { joinControlPlane, type JoinedControlPlane } from './shared.ts';
import { eventually } from './until.ts';

const accounts = ['hypersphere-operator', 'hypersphere-world'];
const namespace = 'granted';
const wait = '--timeout=150s';

describe('roles', () => {
  let real: JoinedControlPlane;
  let suite: Suite;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    real = await joinControlPlane();
    closing.push(() => real.done());
    if (process.env[e2eVariable] === undefined) {
      const fleet = await deploy({ real, hosts: 8 });
      closing.unshift(() => fleet.stop());
      Object.assign(process.env, { [e2eVariable]: real.kubeconfig, [kubectlVariable]: real.tools.kubectl['1.37'] });
    }
    suite = await startSuite();
    await suite.kubectl('apply', '-f', 'manifests/samples/');
    await suite.kubectl('create', 'namespace', namespace);
    await suite.kubectl('wait', '--for=jsonpath={.status.readyReplicas}=8', 'hostpool/host', wait);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const machine = (name: string, spec: object = {}): object => ({
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: { memory: { size: '1Gi' }, ...spec },
  });
  const move = (virtualMachine: string): object => ({
    apiVersion: 'hypersphere.io/v1alpha1',
    kind: 'VirtualMachineMigration',
    metadata: { name: `${virtualMachine}-goes`, namespace },
    spec: { virtualMachine },
  });
  const power = async (name: string, powerState: string, phase: string): Promise<void> => {
    await suite.kubectl('patch', 'hsvm', name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: { powerState } }));
    await suite.kubectl('wait', `--for=jsonpath={.status.phase}=${phase}`, `hsvm/${name}`, '-n', namespace, wait);
  };
  const ready = (name: string): Promise<string> => suite.kubectl('wait', '--for=condition=Ready', `hsvm/${name}`, '-n', namespace, wait);

  it('suffice for a life: start, resize, off, on, another disk, end', async () => {
    await suite.apply(machine('one', { disks: [{ name: 'root', size: '1Gi', datastore: 'local', whenRemoved: 'Delete' }] }));
    await ready('one');
    await suite.apply(machine('one', { disks: [{ name: 'root', size: '2Gi', datastore: 'local', whenRemoved: 'Delete' }] }));
    await power('one', 'PoweredOff', 'PoweredOff');
    await power('one', 'PoweredOn', 'Running');
    await ready('one');
    // A host with machines that stay: it says what they take.
    await suite.kubectl('wait', '--for=create', `hostusage/${await hostOf(suite, 'db', 'shop')}`, wait);
    await suite.kubectl('delete', 'hsvm', 'one', '-n', namespace, wait);
  });

  it('suffice for a move', async () => {
    await suite.apply(machine('mover'));
    await ready('mover');
    await suite.apply(move('mover'));
    await suite.kubectl('wait', '--for=condition=Complete', 'hsvmm/mover-goes', '-n', namespace, wait);
    await suite.kubectl('delete', 'hsvm/mover', 'hsvmm/mover-goes', '-n', namespace, wait);
  });

  it('suffice for a host that is emptied, and for a move that is taken back', async () => {
    await suite.apply(machine('stayer'));
    await ready('stayer');
    const host = await hostOf(suite, 'stayer', namespace);
    const guard = ['pod', '-n', 'hypersphere-system', '-l', 'hypersphere.io/guard', `--field-selector=spec.nodeName=${host}`];
    await suite.kubectl('wait', '--for=condition=Ready', ...guard, wait);
    // Nowhere else will do: its move waits, until the host is to be used again.
    await suite.apply(machine('stayer', { placement: { nodeSelector: { 'kubernetes.io/hostname': host } } }));
    assert.notEqual((await suite.tryKubectl(['drain', host, '--ignore-daemonsets', '--timeout=5s'])).code, 0);
    const moves = async (): Promise<string> => suite.kubectl('get', 'hsvmm', '-n', namespace, '-o', 'name');
    await eventually(async () => (await moves()).includes('/stayer-'), 'nothing would move it');
    await suite.kubectl('uncordon', host);
    await eventually(async () => (await moves()) === '', 'its move stays');
    await suite.kubectl('wait', '--for=jsonpath={.status.phase}=Available', `hshost/${host}`, wait);
    await suite.kubectl('delete', 'hsvm', 'stayer', '-n', namespace, wait);
  });

  it('suffice for a host that is written down as a profile', async () => {
    const written = ['configmap/profile-of-host-3', '-n', 'hypersphere-system', wait];
    await suite.kubectl('annotate', 'hshost', 'host-3', 'hypersphere.io/extract=granted', '--overwrite');
    await suite.kubectl('wait', '--for=create', ...written);
    await suite.kubectl('wait', '--for=jsonpath={.metadata.annotations.hypersphere\\.io/extract}=granted', ...written);
    await suite.kubectl('annotate', 'hshost', 'host-3', 'hypersphere.io/extract-');
  });

  it('suffice for networks: addresses that are given, freed, taken back and given up, and what goes when nothing needs it any more', async () => {
    const kind = (kind: string, spec: object): object => ({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind,
      metadata: { name: 'granted' },
      spec,
    });
    const networks = [{ name: 'eth0', portGroup: 'granted' }];
    const off = machine('wired', { networks, powerState: 'PoweredOff' });
    const identified = '--for=jsonpath={.spec.macAddress}';
    await suite.apply(kind('DistributedSwitch', { hostSelector: { matchLabels: { 'hypersphere.io/host': 'true' } } }));
    await suite.apply(
      kind('PortGroup', { switch: 'granted', namespaceSelector: {}, vlan: { id: 10 }, addresses: { pool: '10.0.10.0/30', rest: '30s' } }),
    );
    await suite.apply(machine('wired', { networks }));
    await ready('wired');
    // Where it moved to, it goes on from what its port had counted.
    await suite.apply(move('wired'));
    await suite.kubectl('wait', '--for=condition=Complete', 'hsvmm/wired-goes', '-n', namespace, wait);
    await power('wired', 'Suspended', 'Suspended');
    await power('wired', 'PoweredOn', 'Running');
    await suite.kubectl('delete', 'hsvm/wired', 'hsvmm/wired-goes', '-n', namespace, wait);
    await suite.kubectl('wait', '--for=delete', 'hsport/wired.eth0', '-n', namespace, wait);
    await suite.apply(off);
    await suite.kubectl('wait', '--for=create', 'hsport/wired.eth0', '-n', namespace, wait);
    await suite.kubectl('wait', identified, 'hsport/wired.eth0', '-n', namespace, wait);
    // Who takes the finalizer away leaves claims of which only the server can tell whose they are.
    await suite.kubectl('patch', 'hsport', 'wired.eth0', '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await suite.kubectl('delete', 'hsvm', 'wired', '-n', namespace, wait);
    await eventually(async () => !(await suite.kubectl('get', 'hsclaim', '-o', 'name')).includes('/granted.'), 'claims of nobody stay');
    await suite.kubectl('delete', 'hspg/granted', 'hsdvs/granted', wait);
  });

  it('suffice for Pods on simulated hosts', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'guest', namespace },
      spec: { nodeName: 'host-2', containers: [{ name: 'c', image: 'i' }] },
    };
    await suite.apply(pod);
    await suite.kubectl('wait', '--for=condition=Ready', 'pod/guest', '-n', namespace, wait);
    await suite.kubectl('delete', 'pod', 'guest', '-n', namespace, wait);
  });

  it('suffice for a host that boots anew, and for fewer hosts', async () => {
    const bootId = async (): Promise<string> => (await suite.get<BootedNode>('node', 'host-1')).status.nodeInfo.bootID;
    const before = await bootId();
    await suite.apply({
      apiVersion: 'sim.hypersphere.io/v1alpha1',
      kind: 'Fault',
      metadata: { name: 'granted' },
      spec: { nodeName: 'host-1', type: 'PowerLoss', duration: '1s' },
    });
    await suite.kubectl('wait', '--for=condition=Complete', 'hsfault/granted', wait);
    await suite.kubectl('delete', 'hsfault', 'granted', wait);
    await eventually(async () => (await bootId()) !== before, 'host-1 did not boot anew');
    for (const replicas of ['9', '8']) {
      await suite.kubectl('scale', 'hostpool/host', `--replicas=${replicas}`);
      await suite.kubectl('wait', `--for=jsonpath={.status.readyReplicas}=${replicas}`, 'hostpool/host', wait);
      await suite.kubectl('wait', `--for=jsonpath={.status.replicas}=${replicas}`, 'hostpool/host', wait);
    }
  });

  it('suffice for the other operator when the one that leads is killed', async () => {
    const leader = async (): Promise<string> =>
      (await suite.get<Lease>('lease', 'hypersphere-operator', '-n', 'hypersphere-system')).spec.holderIdentity ?? '';
    const first = await leader();
    assert.match(first, /^hypersphere-operator-\d-\d+$/);
    process.kill(Number(first.split('-').at(-1)), 'SIGKILL');
    await suite.apply(machine('two'));
    await ready('two');
    const second = await leader();
    assert.notEqual(second.split('-')[2], first.split('-')[2]);
    await suite.kubectl('delete', 'hsvm', 'two', '-n', namespace, wait);
  });

  it("let those who may edit a namespace have machines there, and nothing of the fleet's", async () => {
    const may = async (who: string, verb: string, resource: string, ...more: string[]): Promise<string> =>
      (await suite.tryKubectl(['auth', 'can-i', verb, resource, '--as', who, '-n', namespace, ...more])).stdout.trim();
    for (const role of ['view', 'edit', 'admin'])
      await suite.kubectl('create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}er`, '-n', namespace);
    for (const role of ['edit', 'admin'])
      await suite.kubectl('create', 'clusterrolebinding', `everywhere-${role}`, `--clusterrole=${role}`, `--user=${role}or`);
    const asked = {
      'a viewer may see a machine': await may('viewer', 'get', 'hsvm'),
      'but make none': await may('viewer', 'create', 'hsvm'),
      'an editor may make one': await may('editer', 'create', 'hsvm'),
      'not elsewhere': await may('editer', 'create', 'hsvm', '-n', 'shop'),
      'nor say what became of it': await may('editer', 'patch', 'hsvm', '--subresource=status'),
      'nor make an instance': await may('editer', 'create', 'hsvmi'),
      'an admin may delete one': await may('adminer', 'delete', 'hsvm'),
      'a viewer may see a port': await may('viewer', 'get', 'hsport'),
      'but an editor makes none': await may('editer', 'create', 'hsport'),
      'nor has an editor of all namespaces a say over groups of ports': await may('editor', 'patch', 'hspg'),
      'an editor of all namespaces has no say over hosts': await may('editor', 'patch', 'hshost'),
      'nor faults': await may('editor', 'create', 'hsfault'),
      'nor has an admin of them over clusters of hosts': await may('adminor', 'patch', 'hscluster'),
      'or pools': await may('adminor', 'patch', 'hspool'),
    };
    assert.deepEqual(asked, {
      'a viewer may see a machine': 'yes',
      'but make none': 'no',
      'an editor may make one': 'yes',
      'not elsewhere': 'no',
      'nor say what became of it': 'no',
      'nor make an instance': 'no',
      'an admin may delete one': 'yes',
      'a viewer may see a port': 'yes',
      'but an editor makes none': 'no',
      'nor has an editor of all namespaces a say over groups of ports': 'no',
      'an editor of all namespaces has no say over hosts': 'no',
      'nor faults': 'no',
      'nor has an admin of them over clusters of hosts': 'no',
      'or pools': 'no',
    });
  });

  for (const account of accounts) {
    const grants = grantsOf(objectsOf(overlay), account);

    it(`${account}: nothing was denied, and all that was used is granted`, async () => {
      const used = await usedBy(real.auditLog, account);
      assert.ok(used.length > 10, `${String(used.length)} kinds of requests in the audit log`);
      assert.deepEqual(used.filter((request) => !request.allowed).map(words), []);
      assert.deepEqual(used.filter((request) => !grants.some((grant) => covers(grant, request))).map(words), []);
    });

    it(`${account}: all that is granted was used, and nowhere would less have done`, async () => {
      const used = await usedBy(real.auditLog, account);
      const known = ['hypersphere-system', 'kube-node-lease'];
      assert.deepEqual(grants.filter((grant) => !used.some((request) => needs(grant, request, known))).map(words), []);
    });
  }
});

interface BootedNode extends Readable {
  status: { nodeInfo: { bootID: string } };
}

interface Lease extends Readable {
  spec: { holderIdentity?: string };
}

async function hostOf(suite: Suite, name: string, namespace: string): Promise<string> {
  const { status } = await suite.get<Readable & { status: { nodeName?: string } }>('hsvm', name, '-n', namespace);
  return String(status.nodeName);
}
