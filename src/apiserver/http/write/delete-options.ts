import { invalid, notSupported } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { decodeBody, goKind } from '../body.ts';
import { badRequest, invalidObject } from '../errors.ts';
import type { Query } from '../query.ts';
import type { Call } from '../server.ts';
import { fieldsAt, isFields, numberAt, textAt, textsAt, valueAt } from '../values.ts';
import type { Fields } from '../values.ts';
import { notRegistered } from './decode.ts';
import { dryRunCauses } from './options.ts';

/** metav1.DeleteOptions. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  /** The version that is meant. */
  resourceVersion?: string;
  /** The older way to say it: whether dependents are orphaned. */
  readonly orphans?: boolean;
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground';
  readonly dryRun: boolean;
}

const policies = ['Foreground', 'Background', 'Orphan'] as const;
type Policy = (typeof policies)[number];

/** The options in the body of `call`, else in its query. @throws {ApiError} 400 or 422 when they are not valid. */
export function deleteOptions(call: Call): DeleteOptions {
  if (call.body.byteLength === 0) return optionsOf(fromQuery(call.query));
  const value = decoded(call);
  const kind = textAt(value, 'kind');
  if (kind !== '' && kind !== 'DeleteOptions') throw badRequest(notRegistered(textAt(value, 'apiVersion'), kind));
  const grace = valueAt(value, 'gracePeriodSeconds') ?? 0;
  if (typeof grace !== 'number')
    throw badRequest(`json: cannot unmarshal ${goKind(grace)} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`);
  // Where there is a body, nobody looks at the query.
  return optionsOf(value);
}

function decoded(call: Call): Fields {
  const { value } = decodeBody(call.body, call.headers['content-type'], 'DeleteOptions', badRequest);
  if (isFields(value)) return value;
  throw badRequest('the object provided is unrecognized (must be of type DeleteOptions): it is not an object');
}

function fromQuery(query: Query): Fields {
  const grace = query.integer('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
    ...(query.has('orphanDependents') ? { orphanDependents: query.flag('orphanDependents') } : {}),
    dryRun: query.all('dryRun').filter((value) => value !== ''),
  };
}

/** Reads DeleteOptions, wherever they stand. @throws {ApiError} 422. */
export function optionsOf(fields: Fields): DeleteOptions {
  const policy = textAt(fields, 'propagationPolicy');
  const orphan = valueAt(fields, 'orphanDependents');
  const dryRun = textsAt(fields, 'dryRun');
  const causes: Cause[] = dryRunCauses(dryRun);
  if (policy !== '' && typeof orphan === 'boolean') {
    causes.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== '' && !isPolicy(policy)) causes.push(notSupported('propagationPolicy', policy, [...policies, 'nil']));
  if (causes.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', causes);
  const grace = numberAt(fields, 'gracePeriodSeconds');
  const { uid, resourceVersion } = fieldsAt(fields, 'preconditions');
  const propagation = isPolicy(policy) ? policy : orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined;
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(propagation === undefined ? {} : { propagation }),
    ...(typeof orphan === 'boolean' ? { orphans: orphan } : {}),
    dryRun: dryRun.length > 0,
  };
}

function isPolicy(value: string): value is Policy {
  return policies.some((policy) => policy === value);
}
