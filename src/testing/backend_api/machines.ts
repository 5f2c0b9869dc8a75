import type { EmulatedMachine } from "../entities.ts";
import { json } from "../http.ts";
import { addMachine, type Instance, removeMachine } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { isLike, JsonBody, listPage, missingResource } from "./json.ts";

const NAME = /^.{1,255}$/s;

/** `POST /machines`: only this response contains the secret key */
export const createMachine: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const defaultTokenTtl = body.number("default_token_ttl", 1);
  const machine = addMachine(instance, {
    name: body.requiredText("name", NAME),
    scopedMachineIds: body.texts("scoped_machines") ?? [],
    ...defaultTokenTtl !== undefined && { defaultTokenTtl },
  });
  return json({ ...machineJson(machine, instance), secret_key: machine.secretKey });
};

/** `GET /machines`, filtered by part of the name */
export const listMachines: Handler = ({ url: { searchParams } }, instance) => {
  const machines = [...instance.machines.values()].filter(({ name }) =>
    isLike(searchParams, { parameter: "query", values: [name] })
  );
  return listPage(machines.map((found) => machineJson(found, instance)), searchParams);
};

/** `GET /machines/:id` */
export const showMachine: Handler = (_request, instance, parameters) =>
  json(machineJson(findMachine(instance, parameters), instance));

/** `PATCH /machines/:id` */
export const updateMachine: Handler = (request, instance, parameters) => {
  const machine = findMachine(instance, parameters);
  const body = new JsonBody(request);
  Object.assign(
    machine,
    {
      name: body.text("name", NAME) ?? machine.name,
      defaultTokenTtl: body.number("default_token_ttl", 1) ?? machine.defaultTokenTtl,
      updatedAt: instance.now(),
    } satisfies Partial<EmulatedMachine>,
  );
  return json(machineJson(machine, instance));
};

/** `DELETE /machines/:id` */
export const deleteMachine: Handler = (_request, instance, parameters) => {
  const { id } = findMachine(instance, parameters);
  removeMachine(instance, id);
  return json({ object: "machine", id, deleted: true });
};

function findMachine({ machines }: Instance, { id = "" }: PathParameters): EmulatedMachine {
  const machine = machines.get(id);
  if (machine) return machine;
  throw missingResource("Machine");
}

function machineJson(machine: EmulatedMachine, instance: Instance): Record<string, unknown> {
  const scoped = machine.scopedMachineIds.map((id) => instance.machines.get(id)).filter((found) =>
    found !== undefined
  );
  return {
    ...scopedMachineJson(machine, instance),
    scoped_machines: scoped.map((other) => scopedMachineJson(other, instance)),
  };
}

/** Formats a machine in another machine's list, without its own list. */
function scopedMachineJson(
  { id, name, defaultTokenTtl, createdAt, updatedAt }: EmulatedMachine,
  instance: Instance,
): Record<string, unknown> {
  return {
    object: "machine",
    id,
    name,
    instance_id: instance.id,
    default_token_ttl: defaultTokenTtl,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}
