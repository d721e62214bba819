/** Draws which VM hangs on which port of which group, and on which host it is: Mermaid, as Markdown pages show it. Pure. */
import type { PortGroup } from '../api/port-group.ts';
import type { SwitchPort } from '../api/switch-port.ts';

export interface Drawn {
  readonly groups: readonly Pick<PortGroup, 'metadata' | 'spec'>[];
  readonly ports: readonly Pick<SwitchPort, 'metadata' | 'spec' | 'status'>[];
}

const nowhere = 'on no host';

/** The same for the same, in whatever order it comes. */
export function networkPicture({ groups, ports }: Drawn): string {
  const sorted = [...ports].sort((a, b) => compare(nameOf(a), nameOf(b)));
  const machines = numbered(sorted.map(machineOf), 'vm');
  const networks = numbered(
    [...groups].sort((a, b) => compare(a.metadata.name, b.metadata.name)).map(({ metadata }) => metadata.name),
    'pg',
  );
  const hosts = [...Map.groupBy(sorted, ({ status }) => status.nodeName ?? nowhere)].sort(([a], [b]) => compare(a, b));
  const switches = [...Map.groupBy(groups, ({ spec }) => spec.switch)].sort(([a], [b]) => compare(a, b));
  return [
    'flowchart LR',
    ...hosts.flatMap(([host, here], index) =>
      box(
        `host${String(index)}`,
        host,
        unique(here.map(machineOf)).map((name) => `${machines.get(name) ?? ''}["${name}"]`),
      ),
    ),
    ...switches.flatMap(([name, all], index) =>
      box(
        `dvs${String(index)}`,
        `switch ${name}`,
        [...all]
          .sort((a, b) => compare(a.metadata.name, b.metadata.name))
          .map((group) => `${networks.get(group.metadata.name) ?? ''}(["${group.metadata.name}<br>${vlanWords(group.spec.vlan)}"])`),
      ),
    ),
    ...sorted.flatMap((port) => {
      const to = networks.get(port.spec.portGroup);
      return to === undefined ? [] : [`  ${machines.get(machineOf(port)) ?? ''} ---|"${labelOf(port)}"| ${to}`];
    }),
    '',
  ].join('\n');
}

function box(id: string, title: string, lines: readonly string[]): string[] {
  return [`  subgraph ${id} ["${title}"]`, ...lines.map((line) => `    ${line}`), '  end'];
}

function labelOf({ spec, status }: Drawn['ports'][number]): string {
  const [address = spec.macAddress ?? 'no address yet'] = spec.addresses ?? [];
  const isReady = status.conditions?.some(({ type, status: so }) => type === 'Ready' && so === 'True') === true;
  return `${spec.network} ${address}${isReady ? '' : ', not ready'}`;
}

function vlanWords(vlan: PortGroup['spec']['vlan']): string {
  if (vlan.id !== undefined) return `VLAN ${String(vlan.id)}`;
  return vlan.private === undefined ? `VLANs ${(vlan.trunk ?? []).join(', ')}` : `private VLAN ${String(vlan.private)}`;
}

function machineOf({ metadata, spec }: Drawn['ports'][number]): string {
  return `${metadata.namespace ?? ''}/${spec.virtualMachine}`;
}

function nameOf({ metadata }: Drawn['ports'][number]): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function numbered(names: readonly string[], prefix: string): ReadonlyMap<string, string> {
  return new Map(unique(names).map((name, index) => [name, `${prefix}${String(index)}`]));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
