/** Writes down, when it is asked for, what differs on the host from how it came: as a profile that makes others so. */
import { dump } from 'js-yaml';
import { agentManager, systemNamespace } from '../../api/common.ts';
import { extractAnnotation, extractedLabel, HostProfile } from '../../api/host-profile.ts';
import { Host } from '../../api/host.ts';
import { extracted } from '../../domain/settings/extract.ts';
import { isAllowed } from '../../domain/settings/files.ts';
import { ConfigMap } from '../../meta/core.ts';
import { apiVersionOf } from '../../meta/resource.ts';
import type { SettingsMeans } from './means.ts';

/** The ConfigMap, in the system namespace, that holds it. */
export function extractName(host: string): string {
  return `profile-of-${host}`;
}

export class Extractor {
  readonly #means: SettingsMeans;
  /** What was asked for last, and has been done. */
  #done: string | undefined;

  constructor(means: SettingsMeans) {
    this.#means = means;
  }

  async settle(host: Host): Promise<void> {
    const asked = host.metadata.annotations?.[extractAnnotation];
    if (asked === undefined) return;
    const key = `${host.metadata.uid}/${asked}`;
    if (this.#done === key) return;
    const ref = { namespace: systemNamespace, name: extractName(host.metadata.name) };
    const there = await this.#means.client.get(ConfigMap, ref);
    if (there?.metadata.annotations?.[extractAnnotation] !== asked) await this.#write(host, ref, asked);
    this.#done = key;
  }

  async #write({ metadata: { name, uid } }: Host, ref: { namespace: string; name: string }, asked: string): Promise<void> {
    const { client, host, paths } = this.#means;
    const settings = extracted((await host.settings.changed()).filter((setting) => isAllowed(setting, paths)));
    const object = {
      metadata: {
        ...ref,
        labels: { [extractedLabel]: name },
        annotations: { [extractAnnotation]: asked },
        ownerReferences: [{ apiVersion: apiVersionOf(Host), kind: Host.kind, name, uid }],
      },
      data: { 'profile.yaml': settings === undefined ? `# ${name} is as it came.\n` : yamlOf(name, settings) },
    };
    await client.apply(ConfigMap, ref, object, { fieldManager: `${agentManager}-extract` });
  }
}

/** It selects nothing but the host that it was taken from, and changes nothing, before a person says so. */
function yamlOf(host: string, settings: object): string {
  const profile = {
    apiVersion: apiVersionOf(HostProfile),
    kind: HostProfile.kind,
    metadata: { name: `as-${host}`.slice(0, 63) },
    spec: { hostSelector: { matchLabels: { 'kubernetes.io/hostname': host } }, settings, enforcement: 'Report' },
  };
  return dump(profile, { noRefs: true, lineWidth: 120 });
}
