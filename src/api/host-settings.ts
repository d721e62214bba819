/** The settings of hosts as a HostProfile writes them down: a field a family. */
import { cidr, ipAddress } from './address.ts';
import {
  boolean,
  choice,
  integer,
  listOf,
  mapOf,
  name,
  object,
  optional,
  ruled,
  setOf,
  text,
  type Rule,
  type Static,
  type TSchema,
} from './schema.ts';

/** Words of one line that no tool takes for anything else. */
const line = '^[!-~]([ -~]*[!-~])?$';
const hostName = '^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$';
const absolute = '^(/[A-Za-z0-9_@+.,-]+)+$';

/** A path that stays below itself. */
function path(description: string) {
  return ruled(text(description, 255, absolute), {
    rule: "!self.split('/').exists(part, part == '.' || part == '..')",
    message: 'must be a path without . and ..',
  });
}

const valueFrom = optional(
  object("The value is taken from the Host's own spec.answers: it differs from host to host.", { answer: name('Which of them.') }),
);

/** A named setting whose value stands here, or is the host's own answer. */
function answered<V extends TSchema>(description: string, key: TSchema, value: V) {
  const oneOf: Rule = { rule: 'has(self.value) != has(self.valueFrom)', message: 'exactly one of value and valueFrom' };
  return object(description, { name: key as ReturnType<typeof text>, value: optional(value), valueFrom }, [oneOf]);
}

const full = (message: string): Rule => ({ rule: 'self.size() > 0', message });

const traffic = (description: string) =>
  object(
    description,
    {
      protocol: optional(choice('Absent: every one.', 'TCP', 'UDP')),
      ports: optional(listOf('Of the host; absent: all.', integer('A port.', 1, 65_535), 16)),
      from: optional(listOf('Who sends it; absent: everybody.', cidr('A network.'), 16)),
    },
    [{ rule: '!has(self.ports) || has(self.protocol)', message: 'ports are those of a protocol', fieldPath: '.protocol' }],
  );

const families = {
  sysctl: optional(
    mapOf(
      'Parameters of the kernel.',
      answered(
        'One parameter.',
        text('Its name, with dots: net.ipv4.ip_forward.', 128, '^[a-z0-9_]+([.][A-Za-z0-9_/-]+)+$'),
        text('As /proc/sys has it.', 256, line),
      ),
      ['name'],
      256,
    ),
  ),
  modules: optional(
    ruled(
      setOf('Modules of the kernel that are loaded, now and at each boot.', text('Its name: vhost_net.', 64, '^[A-Za-z0-9_-]+$'), 128),
      full('must name at least one module'),
    ),
  ),
  time: optional(
    object('Where the time comes from.', {
      servers: ruled(
        listOf('NTP servers, the best first.', text('A name or an address.', 253, hostName), 8),
        full('must name at least one server'),
      ),
    }),
  ),
  dns: optional(
    object(
      'How names are resolved.',
      {
        nameservers: optional(ruled(listOf('The resolvers, the best first.', ipAddress('An address.'), 3), full('must name at least one'))),
        search: optional(listOf('Domains that names are looked for in.', text('A domain.', 253, hostName), 6)),
      },
      [{ rule: 'has(self.nameservers) || has(self.search)', message: 'must say nameservers or search' }],
    ),
  ),
  services: optional(
    mapOf(
      'Services of the host, by the names of their systemd units.',
      object(
        'One service; what is absent is left as it is.',
        {
          name: text('The unit: chrony, fstrim.timer.', 128, '^[A-Za-z0-9@_.:-]+$'),
          enabled: optional(boolean('Whether it is started at boot.')),
          running: optional(boolean('Whether it runs now.')),
        },
        [{ rule: 'has(self.enabled) || has(self.running)', message: 'must say enabled or running' }],
      ),
      ['name'],
      64,
    ),
  ),
  files: optional(
    mapOf(
      'Whole files, only below the paths that the agent was started with.',
      object('One file.', {
        path: path('Where it is.'),
        mode: optional(text('Its permissions, in octal: 0644. Absent: 0644 for a new one, else as they are.', 4, '^0[0-7]{3}$')),
        contents: text('All that is in it.', 16_384),
      }),
      ['path'],
      32,
    ),
  ),
  network: optional(
    object(
      "The host's own network, over which it reaches its manager. What is an uplink of a DistributedSwitch is the switch's, and refused here.",
      {
        uplinks: optional(
          mapOf(
            'Its uplinks.',
            answered(
              'One uplink.',
              text('Its name: uplink1.', 63, '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'),
              text('The interface: eth0.', 15, '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
            ),
            ['name'],
            8,
          ),
        ),
        mtu: optional(integer('The largest packet, bytes.', 576, 9216)),
      },
      [{ rule: 'has(self.uplinks) || has(self.mtu)', message: 'must say uplinks or mtu' }],
    ),
  ),
  mounts: optional(
    mapOf(
      'File systems that are mounted, now and at each boot.',
      object('One of them.', {
        path: path('Where.'),
        source: text('What: 192.0.2.60:/vms, /dev/sdb1.', 255, '^[A-Za-z0-9/][A-Za-z0-9_@+.,:=/-]*$'),
        type: text('Its type: nfs4.', 32, '^[a-z0-9]+$'),
      }),
      ['path'],
      32,
    ),
  ),
  firewall: optional(
    mapOf(
      'Rules for what comes to the host. What one allows passes, whatever others deny; what none denies passes too.',
      object(
        'One rule: exactly one of allow and deny.',
        { name: name('Its name.'), allow: optional(traffic('What passes.')), deny: optional(traffic('What does not.')) },
        [{ rule: 'has(self.allow) != has(self.deny)', message: 'exactly one of allow and deny' }],
      ),
      ['name'],
      64,
    ),
  ),
} as const;

/** How a host is to be; what is absent is left as it is. */
export const hostSettings = object('How they are to be; what is absent is left as it is.', families, [
  {
    rule: Object.keys(families)
      .map((family) => `has(self.${family})`)
      .join(' || '),
    message: 'must say at least one setting',
  },
]);

export type HostSettings = Static<typeof hostSettings>;
