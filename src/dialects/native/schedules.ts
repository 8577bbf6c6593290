import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import type { Json } from '../../model/json.ts';
import type { Schedule as StoredSchedule } from '../../model/schedule.ts';
import { locationHeader } from './prefer-docs.ts';
import { exampleSchedule, exampleSettings, Schedule, ScheduleSettings, scheduleParams } from './schedule-schemas.ts';
import { HIDDEN, readPlan, scheduleWire } from './schedule-wire.ts';

/** Jobs by the clock. */
export function addSchedules(scope: FastifyInstance, { engine, basePath, clock }: DialectContext): void {
  const { schedules } = engine;
  const read = { scope: 'jobs:read' } as const;
  const run = { scope: 'jobs:run' } as const;
  const tag = 'Schedules';
  const refusals = ['not-found', 'invalid-path', 'invalid-workflow-input', 'invalid-definition', 'conflict'] as const;
  const body = { content: { 'application/json': { schema: ScheduleSettings, example: exampleSettings } } };
  const made = {
    operation: 'createSchedule',
    body: { ...exampleSettings, enabled: false },
    save: { scheduleId: 'id' },
  };
  const path = { id: '{{scheduleId}}' };

  const wire = async (schedule: StoredSchedule) =>
    scheduleWire(schedule, await schedules.input(schedule, HIDDEN), basePath);

  route(scope, {
    method: 'GET',
    url: '/schedules',
    access: read,
    doc: {
      id: 'listSchedules',
      tag,
      summary: 'List schedules',
      responses: {
        200: {
          description: 'All that the caller may see, oldest first.',
          schema: z.array(Schedule),
          example: [exampleSchedule],
        },
      },
    },
    handler: async (request, reply) => {
      const list = await schedules.list(caller(request));
      return reply.send(await Promise.all(list.map(wire)));
    },
  });

  route(scope, {
    method: 'POST',
    url: '/schedules',
    access: run,
    body: ScheduleSettings,
    doc: {
      id: 'createSchedule',
      tag,
      summary: 'Make a schedule',
      description: 'Its jobs run in the name of the caller, with the rights the caller then has.',
      requestBody: body,
      responses: {
        201: { description: 'It is on disk.', schema: Schedule, headers: locationHeader, example: exampleSchedule },
      },
      errors: refusals,
      flow: { order: 10, body: made.body, save: made.save },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const schedule = await schedules.create(caller(request), readPlan(body, clock()), (body.input ?? {}) as Json);
      return reply
        .code(201)
        .header('location', `${basePath}/schedules/${schedule.id}`)
        .send(await wire(schedule));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/schedules/:id',
    access: read,
    params: scheduleParams,
    doc: {
      id: 'getSchedule',
      tag,
      summary: 'Read a schedule',
      responses: { 200: { description: 'The schedule as it is now.', schema: Schedule, example: exampleSchedule } },
      errors: ['not-found'],
      flow: { order: 20, path },
    },
    handler: async (request, reply) =>
      reply.send(await wire(await schedules.get(caller(request), request.params.id.toLowerCase()))),
  });

  route(scope, {
    method: 'PUT',
    url: '/schedules/:id',
    access: run,
    params: scheduleParams,
    body: ScheduleSettings,
    doc: {
      id: 'putSchedule',
      tag,
      summary: 'Change a schedule',
      description:
        'Replaces all settings but `input`, which stays when it is left out; what else is left out goes back to its ' +
        'default. Enabling it forgets its failures.',
      requestBody: body,
      responses: { 200: { description: 'The schedule as it is now.', schema: Schedule, example: exampleSchedule } },
      errors: refusals,
      flow: { order: 30, path, body: made.body },
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const id = request.params.id.toLowerCase();
      const { input } = request.body;
      const change = input === undefined ? undefined : { whole: input as Json, hidden: HIDDEN };
      return reply.send(await wire(await schedules.replace(principal, id, readPlan(request.body, clock()), change)));
    },
  });

  route(scope, {
    method: 'DELETE',
    url: '/schedules/:id',
    access: run,
    params: scheduleParams,
    doc: {
      id: 'deleteSchedule',
      tag,
      summary: 'Delete a schedule',
      description: 'Jobs it has started go on.',
      responses: { 204: { description: 'It is gone.' } },
      errors: ['not-found'],
      flow: { order: 90, path },
    },
    handler: async (request, reply) => {
      await schedules.remove(caller(request), request.params.id.toLowerCase());
      return reply.code(204).send();
    },
  });
}
