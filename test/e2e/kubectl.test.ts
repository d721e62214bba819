import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { run } from './programs.ts';
import { kubectlMissing, startSuite, type Readable, type Suite } from './control-plane.ts';

const samples = 'manifests/samples/';

/** As much of an FTPair as tests look at. */
interface PairSeen {
  readonly status: {
    readonly primary: { readonly nodeName: string };
    readonly shadow: { readonly nodeName: string };
    readonly epoch: number;
  };
}

interface TalkSeen {
  readonly status: { readonly answers: number; readonly contradictions: number };
}

describe('what a new user types, with an unmodified kubectl', { skip: kubectlMissing }, () => {
  let suite: Suite;
  before(async () => {
    suite = await startSuite();
    await suite.kubectl('apply', '-f', samples);
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm', '--all', '-n', 'shop', '--timeout=60s');
  });
  after(() => suite.stop());

  it('apply of the samples again changes nothing', async () => {
    const said = await suite.kubectl('apply', '-f', samples);
    assert.equal(said.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged')).length, 0, said);
  });

  it('apply --server-side twice: the second writes nothing', async () => {
    const versions = async (): Promise<string> =>
      suite.kubectl('get', 'hsvm,hscluster', '-n', 'shop', '-o', 'custom-columns=N:.metadata.name,V:.metadata.resourceVersion');
    await suite.kubectl('apply', '--server-side', '-f', samples);
    const first = await versions();
    await suite.kubectl('apply', '--server-side', '-f', samples);
    assert.equal(await versions(), first);
  });

  it('settings that drift are found and mended, and a host is written down as a profile: as docs/tasks.md says', async () => {
    await suite.kubectl('wait', '--for=condition=Ready', 'hsprofile/base', '--timeout=90s');
    const mended = async (): Promise<string> =>
      suite.kubectl('get', 'hshost', 'host-3', '-o', 'jsonpath={.status.compliance[0].state} {.status.compliance[0].since}');
    const before = await mended();
    assert.match(before, /^Compliant /);
    await suite.kubectl('apply', '-f', 'manifests/faults/drift.yaml');
    await suite.kubectl('wait', '--for=condition=Complete', 'hsfault/drift', '--timeout=60s');
    await suite.kubectl('wait', '--for=jsonpath={.status.compliance[0].state}=Compliant', 'hshost/host-3', '--timeout=90s');
    assert.notEqual(await mended(), before);
    await suite.kubectl('wait', '--for=condition=Ready', 'hsprofile/base', '--timeout=90s');
    await suite.kubectl('delete', '-f', 'manifests/faults/drift.yaml');
    assert.match(await suite.kubectl('get', 'hsprofile', '-o', 'wide'), /base +(\d+) +\1 +0 +0 +Remediate +True +Compliant/);
    await suite.kubectl('annotate', 'hshost', 'host-3', 'hypersphere.io/extract=1');
    await suite.kubectl('wait', '--for=create', 'configmap/profile-of-host-3', '-n', 'hypersphere-system', '--timeout=60s');
    const text = await suite.kubectl(
      'get',
      'configmap',
      'profile-of-host-3',
      '-n',
      'hypersphere-system',
      '-o',
      'jsonpath={.data.profile\\.yaml}',
    );
    assert.match(text, /kind: HostProfile[^]*vm\.swappiness[^]*value: '10'/);
    await suite.kubectl('annotate', 'hshost', 'host-3', 'hypersphere.io/extract-');
  });

  it('diff shows no difference, and ends with 0', async () => {
    const { code, stdout } = await suite.tryKubectl(['diff', '-f', samples]);
    assert.deepEqual([code, stdout], [0, '']);
  });

  it('diff shows a difference, and ends with 1', async () => {
    const changed = {
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachine',
      metadata: { name: 'cache', namespace: 'shop' },
      spec: { memory: { size: '5Gi' } },
    };
    const { code, stdout } = await suite.tryKubectl(['diff', '-f', '-'], { input: JSON.stringify(changed) });
    assert.equal(code, 1);
    assert.match(stdout, /\+.*size: 5Gi/);
  });

  it('get -o wide of machines, their lives, hosts and nodes', async () => {
    const table = await suite.kubectl('get', 'hsvm,hsvmi,hshost,node', '-n', 'shop', '-o', 'wide');
    assert.match(table, /NAME +PHASE +READY +HOST +REASON +CORES +MEMORY +AGE/);
    assert.match(table, /virtualmachine\.hypersphere\.io\/web-1 +Running +True +host-\d+ +Running +2 +2Gi/);
    assert.match(table, /virtualmachineinstance\.hypersphere\.io\/web-1-\w+ +web-1 +Running/);
    assert.match(table, /host\.hypersphere\.io\/host-1 +Available +True +AgentAnswers +16 +64Gi/);
    assert.match(table, /node\/host-1 +Ready/);
  });

  it('get events in order of time', async () => {
    const spec = { memory: { size: '1Gi' }, placement: { nodeSelector: { zone: 'mars' } } };
    const metadata = { name: 'nowhere', namespace: 'shop' };
    await suite.apply({ apiVersion: 'hypersphere.io/v1alpha1', kind: 'VirtualMachine', metadata, spec });
    await suite.kubectl('wait', '--for=condition=Placed=false', 'hsvm/nowhere', '-n', 'shop', '--timeout=60s');
    await suite.kubectl('delete', 'hsvm', 'nowhere', '-n', 'shop');
    assert.match(
      await suite.kubectl('get', 'events', '-n', 'shop', '--sort-by=.lastTimestamp'),
      /NoHostFits +virtualmachine\/nowhere +0\/8 hosts: 8 not in zone mars/,
    );
  });

  it('describe tells the story', async () => {
    const story = await suite.kubectl('describe', 'hsvm', 'db', '-n', 'shop');
    assert.match(story, /Node Name: +host-\d/);
    assert.match(story, /Message: +runs on host-\d/);
  });

  it('describe of a node', async () => {
    assert.match(await suite.kubectl('describe', 'node', 'host-1'), /hypersphere\.io\/simulated:NoSchedule/);
  });

  it('explain tells what a field means', async () => {
    assert.match(await suite.kubectl('explain', 'hsvm.spec.cpu'), /cores\s+<integer>\s+Virtual processors/);
    assert.match(await suite.kubectl('explain', 'hsvm.spec.powerState'), /PoweredOn\s+PoweredOff\s+Suspended/);
  });

  it('api-resources of the category', async () => {
    const names = (await suite.kubectl('api-resources', '--categories=hypersphere', '-o', 'name')).trim().split('\n').sort();
    assert.deepEqual(names, [
      'addressclaims.hypersphere.io',
      'conversations.sim.hypersphere.io',
      'distributedswitches.hypersphere.io',
      'faults.sim.hypersphere.io',
      'ftpairs.hypersphere.io',
      'hostclusters.hypersphere.io',
      'hostpools.sim.hypersphere.io',
      'hostprofiles.hypersphere.io',
      'hosts.hypersphere.io',
      'hostusages.hypersphere.io',
      'portgroups.hypersphere.io',
      'switchports.hypersphere.io',
      'virtualmachineinstances.hypersphere.io',
      'virtualmachinemigrations.hypersphere.io',
      'virtualmachines.hypersphere.io',
    ]);
  });

  it('edit, with an editor that changes one thing', async () => {
    await suite.apply({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachine',
      metadata: { name: 'edited', namespace: 'shop' },
      spec: { powerState: 'PoweredOff', memory: { size: '1Gi' } },
    });
    const { code, stdout, stderr } = await suite.tryKubectl(['edit', 'hsvm', 'edited', '-n', 'shop'], {
      env: { KUBE_EDITOR: "sed -i 's/size: 1Gi/size: 2Gi/'" },
    });
    assert.equal(code, 0, stdout + stderr);
    const { spec } = await suite.get<{ spec: { memory: { size: string } } }>('hsvm', 'edited', '-n', 'shop');
    assert.equal(spec.memory.size, '2Gi');
  });

  it('patch: merge and JSON', async () => {
    await suite.kubectl('patch', 'hsvm', 'edited', '-n', 'shop', '--type', 'merge', '-p', '{"metadata":{"labels":{"a":"b"}}}');
    await suite.kubectl(
      'patch',
      'hsvm',
      'edited',
      '-n',
      'shop',
      '--type',
      'json',
      '-p',
      '[{"op":"replace","path":"/spec/memory/size","value":"3Gi"}]',
    );
    const { spec, metadata } = await suite.get('hsvm', 'edited', '-n', 'shop');
    assert.deepEqual([spec['memory'], metadata.labels], [{ size: '3Gi' }, { a: 'b' }]);
  });

  it('label, annotate, taint, cordon and uncordon of a node', async () => {
    await suite.kubectl('label', 'node', 'host-8', 'zone=z');
    await suite.kubectl('annotate', 'node', 'host-8', 'note=hello');
    await suite.kubectl('taint', 'node', 'host-8', 'gpu=yes:NoSchedule');
    await suite.kubectl('cordon', 'host-8');
    const node = await suite.get<Readable & { spec: { unschedulable?: boolean; taints: { key: string }[] } }>('node', 'host-8');
    assert.deepEqual([node.metadata.labels?.['zone'], node.metadata.annotations?.['note'], node.spec.unschedulable], ['z', 'hello', true]);
    assert.ok(node.spec.taints.some((taint) => taint.key === 'gpu'));
    await suite.kubectl('uncordon', 'host-8');
    await suite.kubectl('taint', 'node', 'host-8', 'gpu-');
  });

  it('a machine moves while it runs, and its events tell so', async () => {
    const of = (kind: string, name: string, spec: object): object => ({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind,
      metadata: { name, namespace: 'shop' },
      spec,
    });
    await suite.apply(of('VirtualMachine', 'mover', { memory: { size: '1Gi' } }));
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm/mover', '-n', 'shop', '--timeout=60s');
    const from = String((await suite.get('hsvm', 'mover', '-n', 'shop')).status['nodeName']);
    await suite.apply(of('VirtualMachineMigration', 'move', { virtualMachine: 'mover' }));
    await suite.kubectl('wait', '--for=condition=Complete', 'hsvmm/move', '-n', 'shop', '--timeout=60s');
    const { status } = await suite.get('hsvmm', 'move', '-n', 'shop');
    assert.equal(status['source'], from);
    const machine = await suite.get('hsvm', 'mover', '-n', 'shop');
    assert.equal(machine.status['nodeName'], status['target']);
    assert.notEqual(status['target'], from);
    assert.match(await suite.kubectl('describe', 'hsvm', 'mover', '-n', 'shop'), new RegExp(`moved from ${from} to host-\\d`));
    await suite.kubectl('delete', 'hsvm,hsvmm', 'mover', 'move', '-n', 'shop', '--ignore-not-found', '--timeout=60s');
  });

  it('every NIC has a port with an address, in tables and in what the machine says of itself', async () => {
    const ports = await suite.kubectl('get', 'hsport', '-n', 'shop');
    assert.match(ports, /NAME +GROUP +MAC +ADDRESSES +HOST +READY +AGE/);
    assert.match(ports, /web-1\.eth0 +web +02(:[0-9a-f]{2}){5} +\["10\.0\.10\.\d+"\] +host-\d+ +True/);
    assert.match(ports, /db\.eth0 +data +02(:[0-9a-f]{2}){5} +\["10\.0\.20\.\d+"\] +host-\d+ +True/);
    const { status } = await suite.get('hsvm', 'web-1', '-n', 'shop');
    const networks = status['networks'] as { readonly name: string; readonly addresses: readonly string[] }[];
    assert.deepEqual(
      networks.map(({ name }) => name),
      ['eth0', 'eth1'],
    );
    assert.match(networks[0]?.addresses[0] ?? '', /^10\.0\.10\.\d+$/);
    await suite.kubectl('wait', '--for=condition=Ready', 'hsdvs/prod', '--timeout=60s');
    assert.match(await suite.kubectl('get', 'hsdvs'), /prod +8 +8 /);
  });

  it('a picture shows which machine hangs on which group, and where it is', async () => {
    const { code, stdout, stderr } = await run(process.execPath, ['src/cmd/picture.ts', '--kubeconfig', suite.kubeconfig]);
    assert.equal(code, 0, stderr);
    const [, web] = /(pg\d+)\(\["web<br>VLAN 10"\]\)/.exec(stdout) ?? [];
    const [, machine] = /(vm\d+)\["shop\/web-1"\]/.exec(stdout) ?? [];
    assert.match(stdout, new RegExp(`${String(machine)} ---\\|"eth0 10\\.0\\.10\\.\\d+"\\| ${String(web)}`));
  });

  it('a machine that moves keeps its port, and what it is called', async () => {
    const before = await suite.get('hsport', 'web-2.eth0', '-n', 'shop');
    const move = {
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachineMigration',
      metadata: { name: 'web-2-goes', namespace: 'shop' },
    };
    await suite.apply({ ...move, spec: { virtualMachine: 'web-2' } });
    await suite.kubectl('wait', '--for=condition=Complete', 'hsvmm/web-2-goes', '-n', 'shop', '--timeout=60s');
    const target = String((await suite.get('hsvmm', 'web-2-goes', '-n', 'shop')).status['target']);
    await suite.kubectl('wait', `--for=jsonpath={.status.nodeName}=${target}`, 'hsport/web-2.eth0', '-n', 'shop', '--timeout=60s');
    const now = await suite.get('hsport', 'web-2.eth0', '-n', 'shop');
    assert.deepEqual([now.metadata.uid, now.spec], [before.metadata.uid, before.spec]);
    await suite.kubectl('delete', 'hsvmm', 'web-2-goes', '-n', 'shop', '--timeout=60s');
  });

  it('drain waits until no machine is on the host, and says so when one will not leave', async () => {
    const machine = (evacuation: string, placement: object = {}): object => ({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachine',
      metadata: { name: 'leaver', namespace: 'shop' },
      spec: { memory: { size: '1Gi' }, availability: { evacuation }, placement },
    });
    await suite.apply(machine('Block'));
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm/leaver', '-n', 'shop', '--timeout=60s');
    const host = String((await suite.get('hsvm', 'leaver', '-n', 'shop')).status['nodeName']);
    const guard = ['pod', '-n', 'hypersphere-system', '-l', 'hypersphere.io/guard', `--field-selector=spec.nodeName=${host}`];
    await suite.kubectl('wait', '--for=condition=Ready', ...guard, '--timeout=60s');
    const drain = (limit: string) => suite.tryKubectl(['drain', host, '--ignore-daemonsets', `--timeout=${limit}`], { limit: 90_000 });
    assert.notEqual((await drain('5s')).code, 0);
    assert.match(await suite.kubectl('describe', 'hshost', host), /shop\/leaver: its spec\.availability\.evacuation says Block/);
    // Its move fits nowhere, and is taken back when the host is uncordoned.
    await suite.apply(machine('LiveMigrate', { nodeSelector: { 'kubernetes.io/hostname': host } }));
    const moves = ['hsvmm', '-n', 'shop', '--field-selector=spec.virtualMachine=leaver', '-o', 'name'];
    let move = '';
    for (let asked = 0; move === '' && asked < 50; asked++) move = (await suite.kubectl('get', ...moves)).trim();
    await suite.kubectl('uncordon', host);
    await suite.kubectl('wait', '--for=delete', move, '-n', 'shop', '--timeout=30s');
    await suite.apply(machine('LiveMigrate'));
    const done = await drain('60s');
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /drained/);
    assert.notEqual((await suite.get('hsvm', 'leaver', '-n', 'shop')).status['nodeName'], host);
    assert.match(await suite.kubectl('get', 'hsvmm', '-n', 'shop'), /leaver-\w+ +leaver +Succeeded +host-\d/);
    assert.match(await suite.kubectl('get', 'hshost', host), / Maintenance /);
    await suite.kubectl('uncordon', host);
    await suite.kubectl('wait', '--for=jsonpath={.status.phase}=Available', `hshost/${host}`, '--timeout=30s');
    await suite.kubectl('delete', 'hsvm', 'leaver', '-n', 'shop', '--timeout=60s');
  });

  it('delete waits until the machine is gone', async () => {
    await suite.kubectl('delete', 'hsvm', 'web-4', '-n', 'shop', '--timeout=60s');
    const left = await suite.kubectl('get', 'hsvmi', '-n', 'shop', '-o', 'name');
    assert.doesNotMatch(left, /web-4-/);
  });

  it('get -w shows each change', async () => {
    await suite.apply({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachine',
      metadata: { name: 'watched', namespace: 'shop' },
      spec: { memory: { size: '1Gi' } },
    });
    const { stdout } = await suite.tryKubectl(['get', 'hsvm', 'watched', '-n', 'shop', '-w', '--output-watch-events'], { limit: 15_000 });
    assert.match(stdout, /ADDED +watched/);
    assert.match(stdout, /MODIFIED +watched +Running +True/);
  });

  it('a host loses its power: its machine is back on another, once, and events tell why', async () => {
    const before = await suite.get('hsvm', 'web-3', '-n', 'shop');
    const from = String(before.status['nodeName']);
    const spec = { nodeName: from, type: 'PowerLoss' };
    await suite.apply({ apiVersion: 'sim.hypersphere.io/v1alpha1', kind: 'Fault', metadata: { name: 'dies' }, spec });
    await suite.kubectl('wait', '--for=jsonpath={.status.fence.state}=Fenced', `hshost/${from}`, '--timeout=60s');
    const next = Number(before.status['incarnation']) + 1;
    await suite.kubectl('wait', `--for=jsonpath={.status.incarnation}=${String(next)}`, 'hsvm/web-3', '-n', 'shop', '--timeout=60s');
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm/web-3', '-n', 'shop', '--timeout=60s');
    const after = await suite.get('hsvm', 'web-3', '-n', 'shop');
    assert.notEqual(after.status['nodeName'], from);
    assert.match(
      await suite.kubectl('describe', 'hsvm', 'web-3', '-n', 'shop'),
      new RegExp(`HostDied.*${from} died: it starts anew on host-\\d`),
    );
    assert.match(await suite.kubectl('get', 'hshost', from), /Fenced +False +Fenced/);
    await suite.kubectl('delete', 'hsfault', 'dies', '--timeout=60s');
    await suite.kubectl('wait', '--for=condition=Ready', `hshost/${from}`, '--timeout=60s');
    assert.equal((await suite.get('hsvm', 'web-3', '-n', 'shop')).status['incarnation'], next);
  });

  it('a machine with a shadow goes on there when its host dies, and has another one: as docs/tasks.md says', async () => {
    await suite.kubectl('wait', '--for=condition=Protected', 'hsft/db', '-n', 'shop', '--timeout=90s');
    const { primary, shadow, epoch } = (await suite.get<PairSeen>('hsft', 'db', '-n', 'shop')).status;
    assert.notEqual(primary.nodeName, shadow.nodeName);
    await suite.kubectl('apply', '-f', 'manifests/talks/db.yaml');
    await suite.kubectl('wait', '--for=condition=Ready', 'hstalk/db', '-n', 'shop', '--timeout=60s');
    const spec = { nodeName: primary.nodeName, type: 'PowerLoss' };
    await suite.apply({ apiVersion: 'sim.hypersphere.io/v1alpha1', kind: 'Fault', metadata: { name: 'takes-db' }, spec });
    await suite.kubectl('wait', `--for=jsonpath={.status.epoch}=${String(epoch + 1)}`, 'hsft/db', '-n', 'shop', '--timeout=60s');
    const after = await suite.get<PairSeen>('hsft', 'db', '-n', 'shop');
    assert.equal(after.status.primary.nodeName, shadow.nodeName);
    assert.equal((await suite.get('hsvm', 'db', '-n', 'shop')).status['nodeName'], shadow.nodeName);
    await suite.kubectl('wait', '--for=condition=Protected', 'hsft/db', '-n', 'shop', '--timeout=90s');
    assert.match(
      await suite.kubectl('describe', 'hsft', 'db', '-n', 'shop'),
      /FailedOver.*its shadow on host-\d is the VM now \(Unheard\)/,
    );
    await suite.kubectl('delete', 'hsfault', 'takes-db', '--timeout=60s');
    await suite.kubectl('wait', '--for=condition=Ready', `hshost/${primary.nodeName}`, '--timeout=60s');
    const test = JSON.stringify({ spec: { testFailover: { epoch: epoch + 1 } } });
    await suite.kubectl('patch', 'hsft', 'db', '-n', 'shop', '--type=merge', '-p', test);
    await suite.kubectl('wait', `--for=jsonpath={.status.epoch}=${String(epoch + 2)}`, 'hsft/db', '-n', 'shop', '--timeout=60s');
    await suite.kubectl('wait', '--for=condition=Protected', 'hsft/db', '-n', 'shop', '--timeout=90s');
    await suite.kubectl('wait', '--for=condition=Ready', 'hstalk/db', '-n', 'shop', '--timeout=60s');
    const talk = await suite.get<TalkSeen>('hstalk', 'db', '-n', 'shop');
    assert.equal(talk.status.contradictions, 0);
    assert.ok(talk.status.answers > 0);
    await suite.kubectl('delete', '-f', 'manifests/talks/db.yaml', '--timeout=60s');
    await suite.kubectl('delete', 'hsft', 'db', '-n', 'shop', '--timeout=60s');
    assert.match(await suite.kubectl('get', 'hsvm', 'db', '-n', 'shop'), / Running +True /);
  });

  it('scale of the pool: as many hosts as asked for, and back', async () => {
    await suite.kubectl('scale', 'hostpool/host', '--replicas=200');
    await suite.kubectl('wait', '--for=jsonpath={.status.readyReplicas}=200', 'hostpool/host', '--timeout=100s');
    const nodes = (await suite.kubectl('get', 'nodes', '-o', 'name')).trim().split('\n');
    assert.equal(nodes.length, 200);
    await suite.kubectl('scale', 'hostpool/host', '--replicas=8');
    await suite.kubectl('wait', '--for=jsonpath={.status.replicas}=8', 'hostpool/host', '--timeout=100s');
  });

  it('auth can-i, and version', async () => {
    assert.equal((await suite.kubectl('auth', 'can-i', 'create', 'hsvm')).trim(), 'yes');
    assert.match(await suite.kubectl('version'), /Server Version/);
  });

  it('create and delete of a namespace with what is in it', async () => {
    await suite.kubectl('create', 'namespace', 'passing');
    await suite.apply({
      apiVersion: 'hypersphere.io/v1alpha1',
      kind: 'VirtualMachine',
      metadata: { name: 'guest', namespace: 'passing' },
      spec: { memory: { size: '1Gi' } },
    });
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm/guest', '-n', 'passing', '--timeout=60s');
    await suite.kubectl('delete', 'namespace', 'passing', '--timeout=100s');
    assert.equal((await suite.tryKubectl(['get', 'namespace', 'passing'])).code, 1);
  });

  it('delete of the namespace of the shop, whose cache has a disk that goes with it', async () => {
    await suite.kubectl('delete', 'namespace', 'shop', '--timeout=150s');
    assert.equal((await suite.tryKubectl(['get', 'namespace', 'shop'])).code, 1);
    assert.doesNotMatch(await suite.kubectl('get', 'hsvmi', '-A', '-o', 'custom-columns=N:.metadata.namespace', '--no-headers'), /shop/);
    assert.doesNotMatch(await suite.kubectl('get', 'events', '-n', 'default'), /DisksLeftBehind.*shop\/cache/);
    await suite.kubectl('apply', '-f', samples);
    await suite.kubectl('wait', '--for=condition=Ready', 'hsvm', '--all', '-n', 'shop', '--timeout=60s');
  });
});
