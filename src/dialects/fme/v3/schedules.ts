import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { readForms } from '../../../http/forms.ts';
import { route } from '../../../http/routes.ts';
import { isMillraceError } from '../../../model/errors.ts';
import { fieldError, readBean } from '../bean-validation.ts';
import { flag } from '../fields.ts';
import { envelope, envelopeOf, exampleOf, pageOf, pagingQuery, windowOf } from '../paging.ts';
import { scheduleChoices } from '../schedule-choices.ts';
import { findNamedSchedule, listSchedules, scheduleFilters } from '../schedule-list.ts';
import { changeSchedule, enableSchedule, type FieldNames, makeSchedule } from '../schedule-plan.ts';
import {
  exampleV3NewSchedule,
  exampleV3Schedule,
  FmeV3NewSchedule,
  FmeV3Schedule,
  readV3Schedule,
  v3ScheduleWire,
} from './schedule-wire.ts';

const params = z.object({
  category: z.string().min(1).max(1024).meta({ description: 'Category of the schedule.', example: 'Reports' }),
  name: z.string().min(1).max(1024).meta({ description: 'Name of the schedule.', example: 'Every morning' }),
});
const names: FieldNames = { trigger: 'recurrence', cron: 'recurrence', start: 'begin', end: 'end' };
const one = { description: 'The schedule.', schema: FmeV3Schedule, example: exampleV3Schedule };
const FmeV3Enabled = z.object({ value: flag('True: it starts jobs.') }).meta({ id: 'FmeV3ScheduleEnabled' });
const FmeV3EnabledAnswer = z.object({ value: z.boolean() }).meta({ id: 'FmeV3ScheduleEnabledAnswer' });
export const SCHEDULES_TAG = 'V3 Schedules';

/** Schedules (reference section 8), known by category and name. */
export async function addV3Schedules(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const read = { scope: 'jobs:read' } as const;
  const run = { scope: 'jobs:run' } as const;
  const tag = SCHEDULES_TAG;
  const refusals = ['not-found', 'exists', 'conflict', 'invalid-workflow-input', 'invalid-definition'] as const;
  const requestBody = {
    content: { 'application/json': { schema: FmeV3NewSchedule, example: exampleV3NewSchedule } },
  };

  route(scope, {
    method: 'GET',
    url: '/schedules',
    access: read,
    query: z.object({ ...scheduleFilters, ...pagingQuery }),
    doc: {
      id: 'fmeV3ListSchedules',
      tag,
      summary: 'V3: list schedules',
      description: 'Your own; all for who may see them. The oldest first.',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeV3Schedule, 'FmeV3Schedules'),
          example: exampleOf(exampleV3Schedule),
        },
      },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const window = windowOf(request.query);
      const all = await listSchedules(context, principal, request.query);
      const shown = pageOf(all, window).map((schedule) => v3ScheduleWire(context, principal, schedule));
      return reply.send(envelope(await Promise.all(shown), all.length, window));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/schedules',
    access: run,
    body: FmeV3NewSchedule,
    doc: {
      id: 'fmeV3CreateSchedule',
      tag,
      summary: 'V3: make a schedule',
      description: 'Its jobs run in the name of the caller; `request` is that of a submit.',
      requestBody,
      responses: { 201: one },
      errors: refusals,
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const made = await makeSchedule(context, principal, readV3Schedule(request.body), names);
      return reply.code(201).send(await v3ScheduleWire(context, principal, made));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/schedules/:category/:name',
    access: read,
    params,
    doc: {
      id: 'fmeV3GetSchedule',
      tag,
      summary: 'V3: read a schedule',
      responses: { 200: one },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const schedule = await findNamedSchedule(context, principal, request.params);
      return reply.send(await v3ScheduleWire(context, principal, schedule));
    },
  });

  route(scope, {
    method: 'PUT',
    url: '/schedules/:category/:name',
    access: run,
    params,
    body: FmeV3NewSchedule,
    doc: {
      id: 'fmeV3ReplaceSchedule',
      tag,
      summary: 'V3: replace a schedule',
      description:
        'Members that are left out go back to their defaults, but parameters, and the whole `request`, stay; so do ' +
        'passwords that come back hidden.',
      requestBody,
      responses: { 200: one },
      errors: refusals,
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const before = await findNamedSchedule(context, principal, request.params);
      const asked = readV3Schedule(request.body, before);
      const changed = await changeSchedule(context, principal, before, asked, names);
      return reply.send(await v3ScheduleWire(context, principal, changed));
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/schedules/:category/:name',
    access: run,
    params,
    doc: {
      id: 'fmeV3DeleteSchedule',
      tag,
      summary: 'V3: delete a schedule',
      description: 'Jobs it has started go on.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { id } = await findNamedSchedule(context, principal, request.params);
      await context.engine.schedules.remove(principal, id).catch((error) => {
        if (!isMillraceError(error) || error.code !== 'not-found') throw error;
      });
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'GET',
    url: '/schedules/:category/:name/enabled',
    access: read,
    params,
    doc: {
      id: 'fmeV3GetScheduleEnabled',
      tag,
      summary: 'V3: whether a schedule is enabled',
      responses: { 200: { description: 'Whether it is.', schema: FmeV3EnabledAnswer, example: { value: true } } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { enabled } = await findNamedSchedule(context, caller(request), request.params);
      return reply.send({ value: enabled });
    },
  });

  await scope.register((forms) => {
    readForms(forms);
    route(forms, {
      method: 'PUT',
      url: '/schedules/:category/:name/enabled',
      access: run,
      params,
      doc: {
        id: 'fmeV3EnableSchedule',
        tag,
        summary: 'V3: enable or disable a schedule',
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': { schema: FmeV3Enabled, example: { value: 'true' } },
            'application/json': { schema: FmeV3Enabled },
          },
        },
        responses: { [scheduleChoices.status.v3Enabled]: { description: 'It is so.' } },
        errors: ['not-found'],
      },
      handler: async (request, reply) => {
        const { value } = readBean(FmeV3Enabled, request.body ?? {});
        if (value === undefined) throw fieldError('value', 'must not be null');
        const principal = caller(request);
        const schedule = await findNamedSchedule(context, principal, request.params);
        await enableSchedule(context, principal, schedule, value, 'value');
        return reply.code(scheduleChoices.status.v3Enabled).send();
      },
    });
  });
}
