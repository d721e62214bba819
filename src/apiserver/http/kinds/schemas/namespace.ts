import { kindSchema } from '../metadata.ts';
import { keyed, listOf, object, text, time } from '../words.ts';

const condition = object(
  'What the clean-up of a namespace found.',
  {
    type: text('Type of the condition.'),
    status: text('True, False or Unknown.'),
    reason: text('A word for why.'),
    message: text('The why for people.'),
    lastTransitionTime: time('When the status last changed.'),
  },
  'type',
  'status',
);

export const namespaceSchema = kindSchema('A scope for names.', {
  spec: object('How the namespace behaves.', { finalizers: listOf(text(), 'Who must have cleaned up before the namespace goes.') }),
  status: object('What is of the namespace.', {
    phase: text('Active, or Terminating from its deletion on.'),
    conditions: keyed(condition, ['type'], 'What the clean-up found.'),
  }),
});
