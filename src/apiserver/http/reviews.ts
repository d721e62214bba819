import type { UserInfo } from './auth.ts';
import { decodeBody } from './body.ts';
import { invalid } from '../schema/field-errors.ts';
import { badRequest, invalidObject, methodNotAllowed } from './errors.ts';
import { json } from './respond.ts';
import type { Answer } from './respond.ts';
import { fieldsAt, isFields } from './values.ts';
import type { Fields } from './values.ts';

/** What is asked and answered at once, and never stored: who am I, and what may I do. Every authenticated user may do all. */
export interface Review {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  answer(spec: Fields, user: UserInfo): { readonly spec?: Fields; readonly status: object };
}

const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
};

export const reviews: readonly Review[] = [
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    answer: (spec) => ({ spec, status: { allowed: true, reason: 'every authenticated user may do everything here' } }),
  },
  {
    group: 'authorization.k8s.io',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    answer: () => ({ spec: {}, status: everything }),
  },
  {
    group: 'authentication.k8s.io',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    answer: (_spec, { username, uid, groups }) => ({
      status: { userInfo: { username, ...(uid === undefined ? {} : { uid }), groups: [...groups] } },
    }),
  },
];

export function findReview(group: string, version: string, plural: string): Review | undefined {
  return reviews.find((review) => review.group === group && review.plural === plural && version === 'v1');
}

function checkAttributes({ group }: Review, spec: Fields): void {
  const said = ['resourceAttributes', 'nonResourceAttributes'].filter((field) => isFields(spec[field]));
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  if (said.length !== 1) throw invalidObject({ group, kind: '' }, '', [invalid('spec', null, why)]);
}

/** POST of a review. @throws {ApiError} 405 for any other method, 400 and 415 for a body that is not one. */
export function answerReview(review: Review, method: string, user: UserInfo, body: Uint8Array, contentType: string | undefined): Answer {
  if (method !== 'POST') throw methodNotAllowed();
  const { value } = decodeBody(body, contentType, review.kind);
  const kind = isFields(value) ? (value['kind'] ?? review.kind) : undefined;
  if (kind !== review.kind) throw badRequest(`the object provided is unrecognized (must be of type ${review.kind})`);
  const spec = fieldsAt(value, 'spec');
  if (review.kind === 'SelfSubjectAccessReview') checkAttributes(review, spec);
  const metadata = fieldsAt(value, 'metadata');
  return json(201, { kind: review.kind, apiVersion: `${review.group}/v1`, metadata, ...review.answer(spec, user) });
}
