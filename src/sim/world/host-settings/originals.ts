/** What a simulated host comes with: the settings of a Debian server as it is installed, some of them by how large the host is. */
import type { SettingFamily, SettingValue } from '../../../api/setting.ts';
import type { SimulatedHost } from '../../../ports/world.ts';
import { usualManagement } from '../network/nics.ts';

type Originals = Readonly<Record<string, SettingValue>>;

const sysctl = {
  'fs.file-max': '9223372036854775807',
  'fs.inotify.max_user_watches': '65536',
  'kernel.numa_balancing': '1',
  'kernel.panic': '0',
  'kernel.randomize_va_space': '2',
  'kernel.sched_autogroup_enabled': '1',
  'net.bridge.bridge-nf-call-iptables': '0',
  'net.core.default_qdisc': 'fq_codel',
  'net.core.netdev_max_backlog': '1000',
  'net.core.rmem_max': '212992',
  'net.core.somaxconn': '4096',
  'net.core.wmem_max': '212992',
  'net.ipv4.conf.all.rp_filter': '2',
  'net.ipv4.ip_forward': '0',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.tcp_congestion_control': 'cubic',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
  'net.ipv6.conf.all.disable_ipv6': '0',
  'vm.dirty_background_ratio': '10',
  'vm.dirty_ratio': '20',
  'vm.nr_hugepages': '0',
  'vm.overcommit_memory': '0',
  'vm.swappiness': '60',
} as const;

/** What grows with the host, as the kernel reckons it. */
function byHardware({ cores, memoryBytes }: SimulatedHost): Originals {
  const kilobytes = memoryBytes / 1024;
  return {
    'kernel.pid_max': String(Math.max(32_768, 1024 * cores)),
    'kernel.threads-max': String(Math.floor(kilobytes / 128)),
    'vm.min_free_kbytes': String(Math.min(262_144, Math.floor(4 * Math.sqrt(kilobytes)))),
  };
}

/** Modules that the kernel has; those that are loaded. */
export const modules: ReadonlyMap<string, boolean> = new Map([
  ...['8021q', 'bridge', 'ipmi_si', 'kvm', 'kvm_intel', 'nf_tables', 'tun', 'xfs'].map((name) => [name, true] as const),
  ...['br_netfilter', 'geneve', 'nbd', 'nfsv4', 'openvswitch', 'tcp_bbr', 'vfio_pci', 'vhost_net', 'vhost_vsock', 'vxlan'].map(
    (name) => [name, false] as const,
  ),
]);

const unit = (enabled: boolean, running: boolean): SettingValue => ({ enabled: String(enabled), running: String(running) });

const services: Originals = {
  chrony: unit(true, true),
  cron: unit(true, true),
  'fstrim.timer': unit(true, true),
  'nfs-client.target': unit(false, false),
  nftables: unit(false, false),
  openvswitch: unit(false, false),
  postfix: unit(true, true),
  ssh: unit(true, true),
  unattended: unit(true, false),
};

const files: Originals = {
  '/etc/issue': { mode: '0644', contents: 'Debian GNU/Linux 13 \\n \\l\n' },
  '/etc/kernel/cmdline': { mode: '0644', contents: 'root=/dev/sda1 ro quiet\n' },
  '/etc/motd': { mode: '0644', contents: 'The programs included with the Debian GNU/Linux system are free software.\n' },
};

/** Directories are no files. */
export const directories: ReadonlySet<string> = new Set([
  '/',
  '/etc',
  '/etc/hypersphere',
  '/etc/kernel',
  '/etc/modprobe.d',
  '/srv',
  '/usr',
  '/var',
]);

/** By family and key. What is not here and could be (a file, a mount, a rule) is not there. */
export function originalsOf(hardware: SimulatedHost): Readonly<Record<SettingFamily, Originals>> {
  return {
    sysctl: { ...sysctl, ...byHardware(hardware) },
    modules: Object.fromEntries([...modules].flatMap(([name, loaded]) => (loaded ? [[name, 'loaded'] as const] : []))),
    time: { servers: '0.debian.pool.ntp.example 1.debian.pool.ntp.example' },
    dns: { nameservers: '192.0.2.53', search: '' },
    services,
    files,
    network: { mtu: '1500', 'uplink uplink1': hardware.managementNic ?? usualManagement },
    mounts: {},
    firewall: {},
  };
}
