/** What docs/tasks.md says of installing on a cluster and of taking it away again. */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { root } from '../../scripts/tool.ts';
import { run, scratch } from '../e2e/programs.ts';
import { realControlPlane } from './control-plane.ts';
import { deploy } from './deploy.ts';

it('installed as the page says, machines run; taken away as it says, nothing is left', async (t) => {
  const real = await realControlPlane({ audit: false });
  const folder = await scratch();
  t.after(() => Promise.all([real.stop(), folder.done()]));
  const fleet = await deploy({ real, hosts: 8 });
  t.after(() => fleet.stop());
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(real.tools.kubectl['1.37'], args, {
      cwd: folder.path,
      env: { KUBECONFIG: real.kubeconfig },
    });
    assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  const page = (await readFile(join(root, 'docs/tasks.md'), 'utf8')).split('## Install on a cluster')[1]?.split('\n## ')[0] ?? '';
  // It writes a folder of its own beside the manifests.
  for (const name of ['manifests', 'crds']) await cp(join(root, name), join(folder.path, name), { recursive: true });
  await mkdir(join(folder.path, 'mine'));
  await writeFile(join(folder.path, 'mine/kustomization.yaml'), /kustomization\.yaml <<'YAML'\n([^]*?)YAML\n/.exec(page)?.[1] ?? '');

  const images = (await kubectl('kustomize', 'mine')).match(/ image: .*/g);
  assert.deepEqual(images, Array(2).fill(' image: registry.example/hypersphere:0.1.0'));
  await kubectl('apply', '-k', 'mine');
  await kubectl('apply', '-f', 'manifests/samples/');
  await kubectl('wait', '--for=condition=Ready', 'hsvm', '--all', '-n', 'shop', '--timeout=100s');

  const farewell = (page.split('To take it away again')[1] ?? '').match(/^kubectl .*/gm) ?? [];
  assert.equal(farewell.length, 3);
  for (const line of farewell) await kubectl(...line.split(' ').slice(1), '--timeout=100s');
  const left = await kubectl('get', 'crd,node,clusterrole,clusterrolebinding,namespace', '-o', 'name');
  assert.deepEqual(
    left.split('\n').filter((name) => name.includes('hypersphere') || name.startsWith('node/')),
    [],
  );
  assert.equal(await kubectl('get', 'lease,role,rolebinding', '-n', 'kube-node-lease', '-o', 'name'), '');
});
