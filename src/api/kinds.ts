/** Every kind of ours. A kind that stands here has a CRD, a page and a place in discovery. */
import { AddressClaim } from './address-claim.ts';
import { Conversation } from './conversation.ts';
import { DistributedSwitch } from './distributed-switch.ts';
import { Fault } from './fault.ts';
import { FTPair } from './ft-pair.ts';
import { Host } from './host.ts';
import { HostCluster } from './host-cluster.ts';
import { HostPool } from './host-pool.ts';
import { HostProfile } from './host-profile.ts';
import { HostUsage } from './host-usage.ts';
import { PortGroup } from './port-group.ts';
import { SwitchPort } from './switch-port.ts';
import { VirtualMachine } from './virtual-machine.ts';
import { VirtualMachineMigration } from './virtual-machine-migration.ts';
import { VirtualMachineInstance } from './virtual-machine-instance.ts';

export const productionKinds = [
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineMigration,
  FTPair,
  HostCluster,
  Host,
  HostUsage,
  HostProfile,
  DistributedSwitch,
  PortGroup,
  SwitchPort,
  AddressClaim,
] as const;
export const simulationKinds = [HostPool, Fault, Conversation] as const;
export const kinds = [...productionKinds, ...simulationKinds] as const;
