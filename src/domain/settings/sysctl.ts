import { textOf } from '../../api/setting.ts';
import { answered, ifAny, split, usual, type Family } from './family.ts';

/** What the kernel can only do where nothing runs: huge pages are cut out of memory that guests would have. */
const needsEmptyHost: ReadonlySet<string> = new Set(['vm.nr_hugepages', 'vm.overcommit_memory', 'kernel.numa_balancing']);

export const sysctl: Family = {
  ...usual,
  name: 'sysctl',
  wishes: (settings, answers) => (settings.sysctl ?? []).map((item) => answered(item.name, item, answers)),
  // The kernel answers with tabs between numbers.
  check: (wanted, found) => split(wanted).join(' ') === split(found).join(' '),
  impact: ({ key }) => (needsEmptyHost.has(key) ? 'Maintenance' : 'None'),
  words: (value) => usual.words(value).replaceAll('\t', ' '),
  extract: (settings) =>
    ifAny(
      'sysctl',
      settings.map(({ key, value }) => ({ name: key, value: split(textOf(value)).join(' ') })),
    ),
};
