import { kindSchema } from '../metadata.ts';
import { defaulted, integer, object, text, time } from '../words.ts';

export const leaseSchema = kindSchema('Who holds something, and until when.', {
  spec: defaulted(
    object('What is held.', {
      holderIdentity: text('Who holds it.'),
      leaseDurationSeconds: integer('How long a holder that does not renew must be waited for.'),
      acquireTime: time('When the holder got it.'),
      renewTime: time('When the holder last renewed it.'),
      leaseTransitions: integer('How often it changed hands.'),
      strategy: text('How a coordinated election picks the holder.'),
      preferredHolder: text('Who should have it next.'),
    }),
    {},
  ),
});
