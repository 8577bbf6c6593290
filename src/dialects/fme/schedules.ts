import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { dropBodies } from '../../http/bodies.ts';
import { route } from '../../http/routes.ts';
import { fieldError } from './bean-validation.ts';
import { FmeAccepted } from './job-schemas.ts';
import { envelope, envelopeOf, exampleOf, pageOf, pagingQuery, windowOf } from './paging.ts';
import { scheduleChoices } from './schedule-choices.ts';
import { findSchedule, knownSchedule, listSchedules, scheduleFilters } from './schedule-list.ts';
import { changeSchedule, enableSchedule, type FieldNames, makeSchedule, readTrigger } from './schedule-plan.ts';
import {
  exampleNewSchedule,
  exampleSchedule,
  FmeNewSchedule,
  FmeSchedule,
  FmeScheduleChange,
  FmeScheduleEnabled,
} from './schedule-schemas.ts';
import { requestOf, scheduleWire } from './schedule-wire.ts';

const params = z.object({
  id: z.string().min(1).max(100).meta({ description: 'UUID of the schedule.', example: exampleSchedule.id }),
});
const names: FieldNames = { trigger: 'trigger', cron: 'trigger.cron', start: 'start', end: 'end' };
const one = { description: 'The schedule.', schema: FmeSchedule, example: exampleSchedule };

/** What an operation that makes or changes a schedule may answer. */
const scheduleErrors = ['not-found', 'exists', 'conflict', 'invalid-workflow-input', 'invalid-definition'] as const;

/** Schedules (reference section 8): their paths and shapes are ours, see `schedule-choices`. */
export async function addSchedules(scope: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine, basePath } = context;
  const { schedules } = engine;
  const read = { scope: 'jobs:read' } as const;
  const run = { scope: 'jobs:run' } as const;
  const tag = 'Schedules';
  const errors = ['not-found'] as const;

  route(scope, {
    method: 'GET',
    url: '/schedules',
    access: read,
    query: z.object({ ...scheduleFilters, ...pagingQuery }),
    doc: {
      id: 'fmeListSchedules',
      tag,
      summary: 'List schedules',
      description: 'Your own; all for who may see them. The oldest first.',
      responses: {
        200: {
          description: 'One page.',
          schema: envelopeOf(FmeSchedule, 'FmeSchedules'),
          example: exampleOf(exampleSchedule),
        },
      },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const window = windowOf(request.query);
      const all = await listSchedules(context, principal, request.query);
      const shown = pageOf(all, window).map((schedule) => scheduleWire(context, principal, schedule));
      return reply.send(envelope(await Promise.all(shown), all.length, window));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/schedules',
    access: run,
    body: FmeNewSchedule,
    doc: {
      id: 'fmeCreateSchedule',
      tag,
      summary: 'Make a schedule',
      description:
        'Its jobs run in the name of the caller. The run is described as that of `POST /jobs`, and checked now as well as ' +
        'each time. A `basic` trigger repeats on the wall clock from the start on (`monthly` only in months that have the ' +
        'day of the start), an `interval` in real time, `cron` as its expression says.',
      requestBody: { content: { 'application/json': { schema: FmeNewSchedule, example: exampleNewSchedule } } },
      responses: {
        201: {
          ...one,
          headers: {
            Location: { description: 'Its address.', example: `/fmeapiv4/schedules/${exampleSchedule.id}` },
          },
        },
      },
      errors: scheduleErrors,
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const trigger = readTrigger(request.body.trigger);
      const made = await makeSchedule(context, principal, { ...request.body, trigger }, names);
      return reply
        .code(201)
        .header('location', `${basePath}/fmeapiv4/schedules/${made.id}`)
        .send(await scheduleWire(context, principal, made));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/schedules/:id',
    access: read,
    params,
    doc: { id: 'fmeGetSchedule', tag, summary: 'Read a schedule', responses: { 200: one }, errors },
    handler: async (request, reply) => {
      const principal = caller(request);
      const schedule = await findSchedule(context, principal, request.params.id);
      return reply.send(await scheduleWire(context, principal, schedule));
    },
  });

  route(scope, {
    method: 'PUT',
    url: '/schedules/:id',
    access: run,
    params,
    body: FmeScheduleChange,
    doc: {
      id: 'fmeUpdateSchedule',
      tag,
      summary: 'Change a schedule',
      description: 'Enabling it forgets its failures.',
      requestBody: {
        content: { 'application/json': { schema: FmeScheduleChange, example: { description: 'For the team' } } },
      },
      responses: { 204: { description: 'It is changed.' } },
      errors: scheduleErrors,
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const before = await findSchedule(context, principal, request.params.id);
      const { trigger, ...body } = request.body;
      // Members that were not sent may be there as undefined.
      const sent = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const asked = { ...requestOf(before), ...sent };
      if (trigger !== undefined) asked.trigger = readTrigger(trigger);
      await changeSchedule(context, principal, before, asked, names);
      return reply.code(204).send();
    },
  });

  route(scope, {
    method: 'PUT',
    url: '/schedules/:id/enabled',
    access: run,
    params,
    body: FmeScheduleEnabled,
    doc: {
      id: 'fmeEnableSchedule',
      tag,
      summary: 'Enable or disable a schedule',
      requestBody: { content: { 'application/json': { schema: FmeScheduleEnabled, example: { enabled: false } } } },
      responses: { [scheduleChoices.status.enabled]: { description: 'It is so.' } },
      errors,
    },
    handler: async (request, reply) => {
      const { enabled = request.body.value } = request.body;
      if (enabled === undefined) throw fieldError('enabled', 'must not be null');
      const principal = caller(request);
      const schedule = await findSchedule(context, principal, request.params.id);
      await enableSchedule(context, principal, schedule, enabled, 'enabled');
      return reply.code(scheduleChoices.status.enabled).send();
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/schedules/:id',
    access: run,
    params,
    doc: {
      id: 'fmeDeleteSchedule',
      tag,
      summary: 'Delete a schedule',
      description: 'Jobs it has started go on.',
      responses: { 204: { description: 'It is gone.' } },
      errors,
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { id } = await findSchedule(context, principal, request.params.id);
      await knownSchedule(principal, () => schedules.remove(principal, id));
      return reply.code(204).send();
    },
  });

  await scope.register((inner) => {
    // It asks for no body, and whatever comes as one does not matter.
    inner.removeAllContentTypeParsers();
    dropBodies(inner);
    route(inner, {
      method: 'POST',
      url: '/schedules/:id/trigger',
      access: run,
      params,
      doc: {
        id: 'fmeTriggerSchedule',
        tag,
        summary: 'Start the job of a schedule now',
        description: 'In the name of its owner, also while it is disabled. When it is due next stays.',
        responses: {
          [scheduleChoices.status.trigger]: {
            description: 'The job.',
            schema: FmeAccepted,
            headers: { Location: { description: 'Address of the job.', example: '/fmeapiv4/jobs/43' } },
            example: { id: 43 },
          },
        },
        errors: scheduleErrors,
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        const { id } = await findSchedule(context, principal, request.params.id);
        const job = await knownSchedule(principal, () => schedules.trigger(principal, id));
        return reply
          .code(scheduleChoices.status.trigger)
          .header('location', `${basePath}/fmeapiv4/jobs/${job}`)
          .send({ id: job });
      },
    });
  });
}
