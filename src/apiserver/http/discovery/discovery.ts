import type { Registry } from '../registry/registry.ts';
import { noSuchResource } from '../errors.ts';
import { json, pageNotFound } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { aggregatedType, groupDiscoveryList, wantedVersion } from './aggregated.ts';
import { groupsOf } from './groups.ts';
import type { Group } from './groups.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './plain.ts';

/** Answers GETs that ask what is served. */
export interface Discovery {
  /** `segments` of a path that begins with `api` or `apis`, and names no resource. */
  answer(segments: readonly string[], accept: string | undefined): Answer;
}

const vary = { vary: 'Accept' };

export function discovery(registry: Registry): Discovery {
  let made: { readonly generation: number; readonly groups: readonly Group[] } | undefined;
  const groups = (): readonly Group[] => {
    if (made?.generation !== registry.generation()) made = { generation: registry.generation(), groups: groupsOf(registry.all()) };
    return made.groups;
  };
  return {
    answer: (segments, accept) => {
      const [root, first, second] = segments;
      if (root === 'api' && first === undefined)
        return top(
          groups().filter((group) => group.name === ''),
          apiVersions(),
          accept,
        );
      if (root === 'apis' && first === undefined)
        return top(
          groups().filter((group) => group.name !== ''),
          apiGroupList(groups()),
          accept,
        );
      const group = groups().find((one) => one.name === (root === 'api' ? '' : first));
      const version = root === 'api' ? first : second;
      if (group === undefined) return pageNotFound();
      if (version === undefined) return json(200, apiGroup(group));
      const found = group.versions.find((one) => one.version === version);
      if (found === undefined && root === 'api') throw noSuchResource();
      if (found === undefined) return pageNotFound();
      return json(200, apiResourceList(root === 'api' ? version : `${group.name}/${version}`, found));
    },
  };
}

function top(groups: readonly Group[], plain: object, accept: string | undefined): Answer {
  const version = wantedVersion(accept);
  if (version === undefined) return json(200, plain);
  return json(200, groupDiscoveryList(groups, version), { 'content-type': aggregatedType(version), 'cache-control': 'public', ...vary });
}
