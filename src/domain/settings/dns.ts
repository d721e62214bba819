import { joined, split, usual, type Family, type Wish } from './family.ts';

export const dns: Family = {
  ...usual,
  name: 'dns',
  wishes: ({ dns: { nameservers, search } = {} }) => [...wish('nameservers', nameservers), ...wish('search', search)],
  severs: true,
  extract: (settings) => {
    const lists = settings.map(({ key, value }) => [key, split(value)] as const).filter(([, words]) => words.length > 0);
    return lists.length === 0 ? {} : { dns: Object.fromEntries(lists) };
  },
};

function wish(key: string, words: readonly string[] | undefined): Wish[] {
  return words === undefined ? [] : [{ key, value: joined(words) }];
}
