import { kindSchema } from '../metadata.ts';
import { integer, object, text, time } from '../words.ts';
import { objectReference } from './reference.ts';

const source = object('Which component reports.', { component: text('The component.'), host: text('The node it is on.') });
const series = object('Events of one kind that go on.', {
  count: integer('How many.'),
  lastObservedTime: time('When the last one was seen.'),
});

export const coreEventSchema = kindSchema(
  'Something that happened to an object.',
  {
    involvedObject: objectReference('The object that it happened to.'),
    reason: text('A word for why.'),
    message: text('The why for people.'),
    source,
    firstTimestamp: time('When it was first seen.'),
    lastTimestamp: time('When it was last seen.'),
    count: integer('How often it was seen.'),
    type: text('Normal or Warning.'),
    eventTime: time('When it was first seen.'),
    series,
    action: text('What was done.'),
    related: objectReference('Another object that has to do with it.'),
    reportingComponent: text('Which controller reports.'),
    reportingInstance: text('Which instance of the controller.'),
  },
  'metadata',
  'involvedObject',
);

export const eventSchema = kindSchema('Something that happened to an object.', {
  eventTime: time('When it was first seen.'),
  series,
  reportingController: text('Which controller reports.'),
  reportingInstance: text('Which instance of the controller.'),
  action: text('What was done.'),
  reason: text('A word for why, of at most 128 characters.'),
  regarding: objectReference('The object that it happened to.'),
  related: objectReference('Another object that has to do with it.'),
  note: text('The why for people, of at most 1,024 characters.'),
  type: text('Normal or Warning.'),
  deprecatedSource: source,
  deprecatedFirstTimestamp: time('When it was first seen, as core/v1 has it.'),
  deprecatedLastTimestamp: time('When it was last seen, as core/v1 has it.'),
  deprecatedCount: integer('How often it was seen, as core/v1 has it.'),
});
