/** What tools of GitOps live by: what is applied again, whoever applies it and by whichever way, shows no difference and writes nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { run, type Outcome } from '../e2e/programs.ts';
import { nameOf, objectsOf, type Applied } from '../manifests/kustomize.ts';
import { workloads } from '../manifests/workloads.ts';
import { overlay } from './deploy.ts';
import { joinControlPlane, type JoinedControlPlane } from './shared.ts';
import { kubectlVersions, type KubectlVersion } from './tools.ts';

/** As Flux's controller does. */
const flux = ['--server-side', '--force-conflicts', '--field-manager=kustomize-controller'];

for (const [what, flag, path] of [
  ['the simulated overlay', '-k', overlay],
  ['the samples', '-f', 'manifests/samples/'],
] as const)
  describe(`${what}, applied again`, () => {
    let real: JoinedControlPlane;
    before(async () => {
      real = await joinControlPlane();
      await done('1.37', 'apply', '-k', overlay);
      await done('1.37', 'apply', flag, path);
      await done('1.37', 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    });
    after(() => real.done());

    const kubectl = (version: KubectlVersion, ...args: string[]): Promise<Outcome> =>
      run(real.tools.kubectl[version], args, { env: { KUBECONFIG: real.kubeconfig } });
    const done = async (version: KubectlVersion, ...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await kubectl(version, ...args);
      assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
      return stdout;
    };
    /** Generations and field managers, but for what controllers of ours write meanwhile. */
    const written = async (): Promise<object> => {
      const list = JSON.parse(await done('1.37', 'get', flag, path, '-o', 'json', '--show-managed-fields')) as { items: Stored[] };
      return list.items.map(({ kind, metadata }) => {
        const managers = metadata.managedFields.filter(
          ({ manager, subresource }) => subresource === undefined && !manager.startsWith('hypersphere-'),
        );
        return [kind, metadata.name, metadata.generation, managers.map(({ manager, time, fieldsV1 }) => [manager, time, fieldsV1])];
      });
    };

    for (const version of kubectlVersions) {
      it(`client-side by kubectl ${version}: nothing is patched, and there is no difference`, async () => {
        await done(version, 'apply', flag, path);
        const said = await done(version, 'apply', flag, path);
        assert.deepEqual(
          said.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged')),
          [],
        );
        assert.equal(await done(version, 'diff', flag, path), '');
      });

      it(`server-side by kubectl ${version}: nothing is written, and there is no difference`, async () => {
        await done(version, 'apply', '--server-side', flag, path);
        const before = await written();
        await done(version, 'apply', '--server-side', flag, path);
        assert.deepEqual(await written(), before);
        assert.equal(await done(version, 'diff', '--server-side', flag, path), '');
      });
    }

    it('server-side by a manager of its own, over what others applied: once, and then no more', async () => {
      await done('1.37', 'apply', ...flux, flag, path);
      const before = await written();
      await done('1.37', 'apply', ...flux, flag, path);
      assert.deepEqual(await written(), before);
    });
  });

interface Stored extends Applied {
  readonly metadata: Applied['metadata'] & {
    readonly generation?: number;
    readonly managedFields: readonly { manager: string; subresource?: string; time: string; fieldsV1: object }[];
  };
}

describe('the simulated overlay on a real control plane', () => {
  let real: JoinedControlPlane;
  before(async () => {
    real = await joinControlPlane();
    assert.equal((await kubectl(['apply', '-k', overlay])).code, 0);
  });
  after(() => real.done());

  const kubectl = (args: readonly string[], input?: object): Promise<Outcome> =>
    run(real.tools.kubectl['1.37'], args, {
      env: { KUBECONFIG: real.kubeconfig },
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });

  it('is what our own tests take it for', async () => {
    const { stdout } = await kubectl(['get', '-k', overlay, '-o', 'json']);
    const names = (JSON.parse(stdout) as { items: Applied[] }).items.map(nameOf).sort();
    assert.deepEqual(names, objectsOf(overlay).map(nameOf).sort());
  });

  it('its Pods are as restricted as their namespace demands, and others are refused', async () => {
    const admitted = async (metadata: object, spec: object): Promise<Outcome> =>
      kubectl(['create', '--dry-run=server', '-f', '-'], { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    for (const { metadata, spec } of workloads(objectsOf(overlay))) {
      // The volumes of a claim are added by the controller of the StatefulSet.
      const volumes = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({ name, emptyDir: {} }));
      const pod = { ...spec.template.spec, volumes };
      const { code, stderr } = await admitted({ name: metadata.name, namespace: metadata.namespace }, pod);
      assert.deepEqual([code, stderr], [0, '']);
    }
    const { code, stderr } = await admitted({ name: 'any', namespace: 'hypersphere-system' }, { containers: [{ name: 'c', image: 'i' }] });
    assert.equal(code, 1);
    assert.match(stderr, /violates PodSecurity "restricted/);
  });
});
