import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { covers, needs, usedBy, type Used } from './audit.ts';
import { words, type Grant } from './roles.ts';

const used = (request: Partial<Used>): Used => ({ verb: 'get', group: '', resource: 'nodes', code: 200, allowed: true, ...request });
const grant = (of: Partial<Grant>): Grant => ({ verb: 'get', group: '', resource: 'nodes', ...of });

describe('what an audit log says of roles', () => {
  it('one account is read of it; an apply that made its object was a create too; what was denied shows', async () => {
    const line = (username: string, verb: string, code: number, decision = 'allow'): string =>
      JSON.stringify({
        verb,
        requestURI: '/apis/hypersphere.io/v1alpha1/hosts/a',
        user: { username },
        objectRef: { resource: 'hosts', name: 'a', apiGroup: 'hypersphere.io', apiVersion: 'v1alpha1' },
        responseStatus: { code },
        annotations: { 'authorization.k8s.io/decision': decision },
      });
    const ours = 'system:serviceaccount:hypersphere-system:hypersphere-world';
    const url = JSON.stringify({ verb: 'get', requestURI: '/version?a', user: { username: ours }, annotations: {} });
    const lines = [
      line('admin', 'delete', 200),
      line(ours, 'patch', 201),
      line(ours, 'patch', 201),
      line(ours, 'list', 403, 'forbid'),
      url,
    ];
    const folder = await mkdtemp(join(tmpdir(), 'hypersphere-audit-'));
    try {
      await writeFile(join(folder, 'audit.log'), [...lines, '{"user":{"username":"system:serviceaccount'].join('\n'));
      const found = await usedBy(join(folder, 'audit.log'), 'hypersphere-world');
      assert.deepEqual(
        found.map((request) => [words(request), request.allowed]),
        [
          ['patch hypersphere.io hosts "a"', true],
          ['create hypersphere.io hosts "a"', true],
          ['list hypersphere.io hosts "a"', false],
          ['get /version', false],
        ],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a grant covers its own verb, group, resource, name and namespace', () => {
    assert.ok(covers(grant({}), used({ namespace: 'shop', name: 'a' })));
    assert.ok(covers(grant({ namespace: 'shop', name: 'a' }), used({ namespace: 'shop', name: 'a' })));
    for (const other of [{ verb: 'list' }, { group: 'x' }, { resource: 'nodes/status' }, { namespace: 'other' }, { name: 'b' }])
      assert.ok(!covers(grant({ namespace: 'shop', name: 'a' }), used({ namespace: 'shop', name: 'a', ...other })), JSON.stringify(other));
    assert.ok(!covers(grant({ namespace: 'shop' }), used({})), 'a list of all namespaces');
  });

  it('a grant that holds everywhere is needed where nobody knows the namespace beforehand', () => {
    const known = ['hypersphere-system'];
    assert.ok(!needs(grant({}), used({ namespace: 'hypersphere-system' }), known));
    assert.ok(needs(grant({}), used({ namespace: 'shop' }), known));
    assert.ok(needs(grant({}), used({}), known));
    assert.ok(needs(grant({ namespace: 'hypersphere-system' }), used({ namespace: 'hypersphere-system' }), known));
  });
});
