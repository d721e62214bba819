import { parseQuantity } from '../../../base/quantity.ts';
import type { UnknownObject } from '../../../meta/objects.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { deepEqual } from '../../schema/json.ts';
import { jsonOf } from '../objects.ts';
import type { Door } from '../registry/strategy.ts';
import { dnsLabel } from '../validate/names.ts';
import { fieldsAt, isFields, listAt, numberAt, textAt } from '../values.ts';
import type { Fields } from '../values.ts';

const choices: Readonly<Record<string, readonly string[]>> = {
  restartPolicy: ['Always', 'OnFailure', 'Never'],
  dnsPolicy: ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
};

/** What is wrong with a Pod, as far as this server reads it. */
export function validatePod(object: UnknownObject): Cause[] {
  const spec = fieldsAt(object, 'spec');
  const containers = listAt(spec, 'containers');
  const causes = containers.length === 0 ? [required('spec.containers')] : [];
  causes.push(
    ...validateContainers(containers, 'spec.containers'),
    ...validateContainers(listAt(spec, 'initContainers'), 'spec.initContainers'),
  );
  for (const [field, supported] of Object.entries(choices)) {
    const value = textAt(spec, field);
    if (value !== '' && !supported.includes(value)) causes.push(notSupported(`spec.${field}`, value, supported));
  }
  const grace = numberAt(spec, 'terminationGracePeriodSeconds');
  if (grace !== undefined && grace < 0)
    causes.push(invalid('spec.terminationGracePeriodSeconds', grace, 'must be greater than or equal to 0'));
  return causes;
}

function validateContainers(containers: readonly unknown[], path: string): Cause[] {
  const names = new Set<string>();
  return containers.flatMap((container, i) => {
    const at = `${path}[${String(i)}]`;
    const name = textAt(container, 'name');
    const causes = name === '' ? [required(`${at}.name`)] : dnsLabel(name).map((why) => invalid(`${at}.name`, name, why));
    if (names.has(name)) causes.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (textAt(container, 'image') === '') causes.push(required(`${at}.image`));
    return [...causes, ...validateResources(container, `${at}.resources`)];
  });
}

function validateResources(container: unknown, path: string): Cause[] {
  return ['limits', 'requests'].flatMap((part) =>
    Object.entries(fieldsAt(container, 'resources', part)).flatMap(([name, value]) => validateQuantity(value, `${path}.${part}[${name}]`)),
  );
}

function validateQuantity(value: unknown, path: string): Cause[] {
  const text = String(value);
  try {
    return parseQuantity(text) < 0n ? [invalid(path, text, 'must be greater than or equal to 0')] : [];
  } catch {
    return [invalid(path, text, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")];
  }
}

const mayChange =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A Pod is what it was made as, but for a few fields; its resources change through `resize`. */
export function validatePodUpdate(next: UnknownObject, before: UnknownObject, door: Door): Cause[] {
  if (door === 'resize') return validateResize(next, before);
  if (door !== 'main') return [];
  if (!deepEqual(jsonOf(comparable(next)), jsonOf(comparable(before)))) return [forbidden('spec', mayChange)];
  const kept = listAt(next, 'spec', 'tolerations');
  const gone = listAt(before, 'spec', 'tolerations').some((old) => !kept.some((toleration) => sameToleration(toleration, old)));
  return gone ? [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')] : [];
}

/** A kubelet that can resize says of each container that runs what it runs with. What was requested, or limited, goes on being so. */
function validateResize(next: UnknownObject, before: UnknownObject): Cause[] {
  const statuses = listAt(before, 'status', 'containerStatuses');
  const cannot = statuses.some((status) => isFields(fieldsAt(status, 'state')['running']) && !isFields(fieldsAt(status)['resources']));
  const causes = cannot ? [forbidden('spec', 'Pod running on node without support for resize')] : [];
  for (const [index, container] of listAt(before, 'spec', 'containers').entries()) {
    const after = listAt(next, 'spec', 'containers')[index];
    for (const words of ['requests', 'limits']) {
      const gone = Object.keys(fieldsAt(container, 'resources', words)).some((name) => !(name in fieldsAt(after, 'resources', words)));
      if (gone) causes.push(forbidden(`spec.containers[${String(index)}].resources.${words}`, `resource ${words} cannot be removed`));
    }
  }
  return causes;
}

function comparable(object: UnknownObject): Fields {
  const spec = { ...fieldsAt(object, 'spec') };
  for (const field of ['tolerations', 'activeDeadlineSeconds', 'schedulingGates']) delete spec[field];
  for (const list of ['containers', 'initContainers']) {
    if (Array.isArray(spec[list])) spec[list] = listAt(spec, list).map(withoutImage);
  }
  return spec;
}

function withoutImage(container: unknown): unknown {
  if (!isFields(container)) return container;
  const copy = { ...container };
  delete copy['image'];
  delete copy['imagePullPolicy'];
  return copy;
}

function sameToleration(a: unknown, b: unknown): boolean {
  return ['key', 'operator', 'value', 'effect'].every((field) => textAt(a, field) === textAt(b, field));
}
