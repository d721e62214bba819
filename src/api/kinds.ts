/** Every kind of ours. A kind that stands here has a CRD, a page and a place in discovery. */
import { Fault } from './fault.ts';
import { Host } from './host.ts';
import { HostCluster } from './host-cluster.ts';
import { HostPool } from './host-pool.ts';
import { HostUsage } from './host-usage.ts';
import { VirtualMachine } from './virtual-machine.ts';
import { VirtualMachineMigration } from './virtual-machine-migration.ts';
import { VirtualMachineInstance } from './virtual-machine-instance.ts';

export const productionKinds = [VirtualMachine, VirtualMachineInstance, VirtualMachineMigration, HostCluster, Host, HostUsage] as const;
export const simulationKinds = [HostPool, Fault] as const;
export const kinds = [...productionKinds, ...simulationKinds] as const;
