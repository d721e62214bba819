import { kindSchema } from '../metadata.ts';
import { boolean, keyed, listOf, mapOf, text, textMap } from '../words.ts';
import { localReference, objectReference } from './reference.ts';

const base64 = { type: 'string', format: 'byte' };

export const configMapSchema = kindSchema('Configuration for programs to read.', {
  immutable: boolean('Whether the data can not be changed any more.'),
  data: textMap('Text under keys.'),
  binaryData: mapOf(base64, 'Bytes under keys, in base64.'),
});

export const secretSchema = kindSchema('Secret data: no more than 1 MiB.', {
  immutable: boolean('Whether the data can not be changed any more.'),
  data: mapOf(base64, 'Bytes under keys, in base64.'),
  stringData: textMap('Text under keys, written only: it goes over into data.'),
  type: text('What the data is for, such as Opaque or kubernetes.io/tls.'),
});

export const serviceAccountSchema = kindSchema('Who a program is.', {
  secrets: keyed(objectReference('A Secret.'), ['name'], 'Secrets that Pods of this account may use.'),
  imagePullSecrets: listOf(localReference('A Secret.'), 'Secrets to pull images with.'),
  automountServiceAccountToken: boolean('Whether Pods get a token of this account.'),
});
