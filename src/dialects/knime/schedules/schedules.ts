import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Schedule as Stored } from '../../../model/schedule.ts';
import { findWorkflow } from '../find-workflow.ts';
import { itemPath, itemRoute } from '../item-route.ts';
import { takeParameters } from '../jobs/parameter-body.ts';
import { type Links, linksOf } from '../links.ts';
import { control, JSON_TYPE, masonAnswer, namespaces, sendMason } from '../mason.ts';
import { HIDDEN } from '../parameters/credential.ts';
import { readInputs, writeInputs } from '../parameters/inputs.ts';
import { readSchedule, ScheduleBody } from './schedule-body.ts';
import { exampleBody, exampleSchedule, Schedule, ScheduleList, scheduleWire } from './schedule-wire.ts';

const params = z.object({
  uuid: z.string().max(100).meta({ description: 'Of the schedule.', example: exampleSchedule.id }),
});

/** Schedules (reference section 14): list them, make, read, change and delete one. */
export async function addSchedules(outer: FastifyInstance, context: DialectContext): Promise<void> {
  const { engine } = context;
  const { schedules } = engine;
  const read = { access: { scope: 'jobs:read' } } as const;
  const run = { access: { scope: 'jobs:run' } } as const;
  const tag = 'Schedules';
  const refusals = ['not-found', 'invalid-workflow-input', 'invalid-definition', 'conflict'] as const;
  const requestBody = { required: true, content: { [JSON_TYPE]: { schema: ScheduleBody, example: exampleBody } } };
  const one = { 200: masonAnswer('The schedule as it is now.', Schedule, exampleSchedule) };
  const made = {
    201: masonAnswer('It is made.', Schedule, exampleSchedule, {
      Location: { description: 'Address of the schedule.', example: exampleSchedule['@controls'].self.href },
    }),
  };

  const wire = async (principal: Principal, schedule: Stored, links: Links) => {
    const input = await schedules.input(schedule, HIDDEN);
    // A workflow that is gone declares nothing; then the values stand as they are.
    const workflow = await engine.workflows.get(principal, schedule.workflow).catch(() => undefined);
    const inputParameters = writeInputs(workflow?.current?.info.inputSchema, input);
    const lastJob = schedule.lastJob === undefined ? undefined : engine.jobs.uuid(schedule.lastJob);
    return scheduleWire(schedule, { inputParameters, lastJob }, links);
  };

  const send = async (request: FastifyRequest, reply: FastifyReply, schedule: Stored): Promise<FastifyReply> =>
    sendMason(request, reply, await wire(caller(request), schedule, linksOf(request, context)));

  const create = async (request: FastifyRequest, reply: FastifyReply, path?: string): Promise<FastifyReply> => {
    const principal = caller(request);
    const { plan, values } = readSchedule(request.body, { path });
    const { current } = await findWorkflow(context, principal, plan.workflow);
    const { set } = readInputs(current.info.inputSchema, values);
    const schedule = await schedules.create(principal, plan, set);
    reply.code(201).header('location', linksOf(request, context).schedule(schedule.id));
    return send(request, reply, schedule);
  };

  /** Throws `not-found` in the words of its clients. */
  const find = async (principal: Principal, uuid: string): Promise<Stored> => {
    try {
      return await schedules.get(principal, uuid.toLowerCase());
    } catch (error) {
      if (isMillraceError(error) && error.code === 'not-found') {
        throw fail('not-found', `Schedule with ID '${uuid}' does not exist.`);
      }
      throw error;
    }
  };

  await outer.register(async (scope) => {
    await takeParameters(scope, context);

    route(scope, {
      ...read,
      method: 'GET',
      url: '/v4/schedules',
      doc: {
        id: 'knimeListSchedules',
        tag,
        summary: 'List schedules',
        responses: {
          200: masonAnswer('All that the caller may see, oldest first.', ScheduleList, {
            schedules: [exampleSchedule],
            '@namespaces': namespaces,
            '@controls': {},
          }),
        },
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        const links = linksOf(request, context);
        const list = await schedules.list(principal);
        return sendMason(request, reply, {
          schedules: await Promise.all(list.map((schedule) => wire(principal, schedule, links))),
          '@namespaces': namespaces,
          '@controls': { self: control(`${links.root}/v4/schedules`) },
        });
      },
    });

    route(scope, {
      ...run,
      method: 'POST',
      url: '/v4/schedules',
      doc: {
        id: 'knimeCreateSchedule',
        tag,
        summary: 'Make a schedule',
        description: 'Its jobs run in the name of the caller.',
        requestBody,
        responses: made,
        errors: refusals,
      },
      handler: (request, reply) => create(request, reply),
    });

    itemRoute(scope, {
      ...run,
      method: 'POST',
      action: 'schedules',
      doc: {
        id: 'knimeCreateWorkflowSchedule',
        tag,
        summary: 'Make a schedule of a workflow',
        description: 'As `POST /schedules`, for the workflow of the address.',
        requestBody,
        responses: made,
        errors: refusals,
      },
      handler: (request, reply) => create(request, reply, itemPath(request)),
    });

    route(scope, {
      ...read,
      method: 'GET',
      url: '/v4/schedules/:uuid',
      params,
      doc: { id: 'knimeGetSchedule', tag, summary: 'Read a schedule', responses: one, errors: ['not-found'] },
      handler: async (request, reply) => send(request, reply, await find(caller(request), request.params.uuid)),
    });

    route(scope, {
      ...run,
      method: 'PUT',
      url: '/v4/schedules/:uuid',
      params,
      doc: {
        id: 'knimeChangeSchedule',
        tag,
        summary: 'Change a schedule',
        description:
          'The body is the document just read, with changes; `inputParameters` that are left out stay as they are. ' +
          'Enabling it forgets its failures.',
        requestBody,
        responses: one,
        errors: refusals,
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        const before = await find(principal, request.params.uuid);
        const { plan, values } = readSchedule(request.body, { before });
        const { current } = await findWorkflow(context, principal, plan.workflow);
        const change = readInputs(current.info.inputSchema, values);
        return send(request, reply, await schedules.replace(principal, before.id, plan, change));
      },
    });

    route(scope, {
      ...run,
      method: 'DELETE',
      url: '/v4/schedules/:uuid',
      params,
      doc: {
        id: 'knimeDeleteSchedule',
        tag,
        summary: 'Delete a schedule',
        description: 'Jobs it has started go on.',
        responses: { 204: { description: 'It is gone.' } },
        errors: ['not-found'],
      },
      handler: async (request, reply) => {
        const principal = caller(request);
        await schedules.remove(principal, (await find(principal, request.params.uuid)).id);
        return reply.code(204).send();
      },
    });
  });
}
