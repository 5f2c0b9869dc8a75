import type { EmulatedMachine } from "../entities.ts";
import { json } from "../http.ts";
import { addMachine, type Instance, removeMachine } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { JsonBody, listPage, missingResource } from "./json.ts";

/** `POST /machines`; only this response has the secret key */
export const createMachine: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const defaultTokenTtl = body.number("default_token_ttl");
  const machine = addMachine(instance, {
    name: body.requiredText("name"),
    scopedMachineIds: body.texts("scoped_machines") ?? [],
    ...defaultTokenTtl !== undefined && { defaultTokenTtl },
  });
  return json({ ...machineJson(machine, instance), secret_key: machine.secretKey });
};

/** `GET /machines` */
export const listMachines: Handler = ({ url: { searchParams } }, instance) => {
  const machines = [...instance.machines.values()];
  return listPage(machines.map((found) => machineJson(found, instance)), searchParams);
};

/** `GET /machines/:id` */
export const showMachine: Handler = (_request, instance, parameters) =>
  json(machineJson(findMachine(instance, parameters), instance));

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
  const { id, name, scopedMachineIds, defaultTokenTtl, createdAt } = machine;
  const scoped = scopedMachineIds.map((id) => instance.machines.get(id)).filter((found) =>
    found !== undefined
  );
  return {
    object: "machine",
    id,
    name,
    instance_id: instance.id,
    default_token_ttl: defaultTokenTtl,
    scoped_machines: scoped.map((other) => machineJson({ ...other, scopedMachineIds: [] }, instance)),
    created_at: createdAt,
    updated_at: createdAt,
  };
}
