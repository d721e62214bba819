// What may change of a VM that has been placed, as the descriptions of its fields say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostCluster } from '../../../src/api/host-cluster.ts';
import { apiVersionOf } from '../../../src/meta/resource.ts';
import { findCondition } from '../../../src/meta/conditions.ts';
import { says, startFleet } from './fleet.ts';

describe('a VM that has been placed', () => {
  test('stays in its HostCluster, and is told the way out; before, it may still choose', async () => {
    const fleet = await startFleet(1);
    const spec = { hostSelector: { matchLabels: { nobody: 'has-it' } } };
    await fleet.apply({ apiVersion: apiVersionOf(HostCluster), kind: HostCluster.kind, metadata: { name: 'other' }, spec });
    await fleet.makeVm('web', { hostCluster: 'other' });
    await fleet.untilSays('web', 'Placed=False DatastoreNotFound');
    await fleet.patchVm('web', { hostCluster: 'main' });
    await fleet.untilReady('web');
    await assert.rejects(
      fleet.patchVm('web', { hostCluster: 'other' }),
      /spec\.hostCluster: .*stays in the HostCluster that it was placed in \(status\.hostCluster\): make another VM to run elsewhere/,
    );
    await fleet.patchVm('web', { powerState: 'PoweredOff' });
    await fleet.untilSays('web', 'Ready=True PoweredOff');
    await assert.rejects(fleet.patchVm('web', { hostCluster: 'other' }), /spec\.hostCluster/);
    await fleet.stop();
  });

  test('keeps a disk that leaves spec until its restart, and RestartRequired names it', async () => {
    const fleet = await startFleet(1);
    await fleet.makeVm('web');
    await fleet.untilReady('web');
    await fleet.patchVm('web', { disks: [] });
    await fleet.untilSays('web', 'RestartRequired=True SpecChanged');
    const said = findCondition((await fleet.vm('web')).status.conditions, 'RestartRequired');
    assert.match(said?.message ?? '', /spec\.disks: .*root/);
    assert.equal(says(await fleet.vm('web'), 'Ready'), 'Ready=True Running');
    assert.equal(fleet.running('web').length, 1);
    await fleet.stop();
  });
});
